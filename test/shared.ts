import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const folder = resolve(import.meta.dirname, '../../shared')

/** The folder of real images and reference results beside the checkout; undefined in a user's clone, where its tests skip. */
export const sharedFolder: string | undefined = existsSync(folder) ? folder : undefined

if (sharedFolder === undefined) {
  console.warn(
    'The folder ../shared (real images, reference results) is absent: tests that need it are skipped.',
  )
}
