import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { indexOfPip } from './pip-configuration.ts'
import { publicIndex, type WheelSource } from './package-index.ts'

/**
 * Where wheels come from: what the person says (an address, or a folder of wheels), else what pip would use here, else the public
 * index.
 */
export async function wheelSource(wish: string | undefined): Promise<WheelSource> {
  if (wish === undefined || wish === '') return { index: (await indexOfPip()) ?? publicIndex }
  if (/^https?:\/\//i.test(wish)) return { index: wish }
  return { folder: wish.startsWith('file:') ? fileURLToPath(wish) : resolve(wish) }
}
