import { stat } from 'node:fs/promises'
import * as zarr from 'zarrita'
import { z } from 'zod'
import { SegscopeError } from '../../../model/errors.ts'
import { joinAddress } from '../../../preload/contract/image-address.ts'
import { RandomAccessFile } from '../random-access-file.ts'
import { ZarrFolder, type ZarrStore, ZarrZip } from './zarr-store.ts'

/** Below an image, OME-Zarr keeps its label images: they are named in the attributes of this group. */
export const labelsFolder = 'labels'

const attributesSchema = z.object({ labels: z.array(z.string().min(1)).max(1000) })

/**
 * The addresses of the label images that belong to an OME-Zarr image; none where it has none or is no sound Zarr.
 * @param path of a folder or archive
 */
export async function labelImagesIn(path: string): Promise<string[]> {
  let store: ZarrStore | undefined
  try {
    store = (await stat(path)).isDirectory()
      ? await ZarrFolder.open(path)
      : await ZarrZip.open(await RandomAccessFile.open(path))
    const { attrs } = await zarr.open(zarr.root(store).resolve(`/${labelsFolder}`), { kind: 'group' })
    const names = attributesSchema.safeParse(attrs.ome ?? attrs).data?.labels ?? []
    return names.map((name) => joinAddress(path, { image: `${labelsFolder}/${name}` }))
  } catch (error) {
    // What is wrong with it is told where it is opened as an image.
    if (zarr.isZarritaError(error) || error instanceof SegscopeError || error instanceof SyntaxError)
      return []
    throw error
  } finally {
    await store?.close()
  }
}
