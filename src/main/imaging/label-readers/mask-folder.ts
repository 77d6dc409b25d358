import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageSource } from '../../../model/images/image-source.ts'
import { hasImageName } from '../list-images.ts'
import { openImage } from '../open-image.ts'
import { readLabelPage } from '../read-label-map.ts'
import { damagedLabels, misfittingLabels } from './label-file-errors.ts'
import { MemoryLabelSource } from './memory-label-source.ts'

/**
 * Reads a folder that holds one mask a file, each of one object (as the Data Science Bowl 2018 has them): 0 where no mask has
 * anything, else the number of the object, in the order of their names.
 * @throws SegscopeError `label-size-differs`, `labels-damaged`; as `openImage` and `readLabelPage`
 */
export async function openMaskFolder(folder: string): Promise<ImageSource> {
  const names = (await readdir(folder)).filter((name) => hasImageName(name) && !name.startsWith('.')).sort()
  let union: Uint32Array | undefined
  let [width, height] = [0, 0]
  for (const [index, name] of names.entries()) {
    const source = await openImage(join(folder, name))
    try {
      const mask = await readLabelPage(source, 0)
      if (union === undefined) {
        ;({ width, height } = mask)
        union = new Uint32Array(width * height)
      } else if (mask.width !== width || mask.height !== height) {
        throw misfittingLabels(
          join(folder, name),
          `it has ${mask.width} x ${mask.height} pixels, the masks before it ${width} x ${height}`,
        )
      }
      for (let at = 0; at < union.length; at++) if (mask.values[at] !== 0) union[at] = index + 1
    } finally {
      await source.close()
    }
  }
  if (union === undefined) throw damagedLabels(folder, 'there is no mask in it')
  return new MemoryLabelSource(folder, 'masks', width, height, [union])
}
