import { extname } from 'node:path'
import { splitAddress } from '../../preload/contract/image-address.ts'

/**
 * What files made of an image are named after: its path without its extension, `plain`; and a longer one that keeps apart images
 * of one name (`a.png` and `a.tif`) and several images of one file: the extension, and what is chosen of the file, in letters that
 * every system takes.
 * @param address absolute or relative
 */
export function imageStems(address: string): { plain: string; full: string } {
  const { path, selection } = splitAddress(address)
  const extension = extname(path)
  const plain = path.slice(0, path.length - extension.length)
  const chosen = [selection.image, selection.axes, selection.frames]
    .flatMap((value) => value ?? [])
    .map((value) => `_${value.replace(/^\/+/, '').replaceAll(/[^\p{L}\p{N}._-]+/gu, '_')}`)
  return { plain, full: `${plain}_${extension.slice(1)}${chosen.join('')}` }
}
