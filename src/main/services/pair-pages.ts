import { CancelledError, SegscopeError } from '../../model/errors.ts'
import type { ImageInfo } from '../../model/images/image-source.ts'
import { learntAddress, pageAddress } from '../../preload/contract/image-address.ts'
import { openImage } from '../imaging/open-image.ts'
import type { LabelledImage } from '../imaging/pair-labels.ts'

/**
 * Takes stacks whose label files have as many pages as they have apart into pages, each with its own labels. What cannot be
 * opened or does not fit is left as it is, to be named where it is read.
 * @throws CancelledError
 */
export async function pairPages(
  pairs: readonly LabelledImage[],
  signal?: AbortSignal,
): Promise<LabelledImage[]> {
  const apart: LabelledImage[] = []
  for (const pair of pairs) {
    if (signal?.aborted === true) throw new CancelledError()
    const { image, label } = pair
    const pages = label === undefined ? 1 : ((await infoOf(label))?.pages ?? 1)
    if (label === undefined || pages === 1 || (await infoOf(image))?.pages !== pages) apart.push(pair)
    else {
      for (let page = 0; page < pages; page++)
        apart.push({ image: learntAddress(image, page), label: pageAddress(label, page) })
    }
  }
  return apart
}

async function infoOf(address: string): Promise<ImageInfo | undefined> {
  try {
    const source = await openImage(address)
    await source.close()
    return source.info
  } catch (thrown) {
    if (thrown instanceof SegscopeError) return undefined
    throw thrown
  }
}
