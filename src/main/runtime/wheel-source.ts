import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { indexOfPip } from './pip-configuration.ts'
import { publicIndex, type WheelSource } from './package-index.ts'

/** Where wheels come from: what the settings say, else the index that pip would use here, else the public one. */
export async function wheelSource(setting: WheelSource | null): Promise<WheelSource> {
  return setting ?? { index: (await indexOfPip()) ?? publicIndex }
}

/** What a person wrote: an address, or a folder of wheels. */
export function parseWheelSource(wish: string): WheelSource {
  if (/^https?:\/\//i.test(wish)) return { index: wish }
  return { folder: wish.startsWith('file:') ? fileURLToPath(wish) : resolve(wish) }
}
