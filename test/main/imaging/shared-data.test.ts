import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SegscopeError } from '../../../src/model/errors.ts'
import { listImages } from '../../../src/main/imaging/list-images.ts'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { sharedFolder } from '../../shared.ts'

const data = join(sharedFolder ?? '', 'data')

/** Files that are refused, with the code of the error: what their folders' READMEs say of them is the reason. */
const refused: Record<string, string> = {
  // "1-D"
  'ilastik_hdf5/images/1d.h5': 'image-unsupported',
}

/** Made to be broken or odd: they have tests of their own (`test/endurance`). */
const apart = ['tiff_malformed', 'tiff_conformance']

describe.skipIf(sharedFolder === undefined)('every image of the shared data', () => {
  test('opens and shows the corner of its last page, or is refused with the reason that its README gives', async () => {
    const found: Record<string, string> = {}
    let opened = 0
    for (const folder of await readdir(data)) {
      if (folder.endsWith('.md') || apart.includes(folder)) continue
      for (const path of await listImages(join(data, folder))) {
        try {
          const source = await openImage(path)
          try {
            const { width, height, pages } = source.info
            const corner = { x: 0, y: 0, width: Math.min(64, width), height: Math.min(64, height) }
            await source.read(corner, pages - 1)
            opened++
          } finally {
            await source.close()
          }
        } catch (error) {
          found[relative(data, path)] = error instanceof SegscopeError ? error.code : String(error)
        }
      }
    }
    expect(found).toEqual(refused)
    expect(opened).toBeGreaterThan(1900)
  }, 300_000)
})
