import sharp from 'sharp'
import { damagedImage, reasonOf } from '../image-errors.ts'
import { Photometric } from './tags.ts'
import type { PageLayout } from './page-layout.ts'

/**
 * Decodes a black and white page of CCITT codes: scanned drawings and plots, never a camera's image, so sharp's
 * libtiff does it.
 * @param index the page's place in the file's chain of directories
 * @returns 0 and 1 as stored, `[height, width]`
 */
export async function decodeFax(file: string, layout: PageLayout, index: number): Promise<Uint8Array> {
  try {
    const { data, info } = await sharp(file, {
      page: index,
      failOn: 'error',
      limitInputPixels: layout.width * layout.height,
    })
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true })
    if (info.width !== layout.width || info.height !== layout.height || info.channels !== 1) {
      throw new Error('the decoded size differs from the declared one')
    }
    // sharp shows black as 0 and white as 255, whichever of them the file stores as 0.
    const white = layout.photometric === Photometric.whiteIsZero ? 0 : 1
    const pixels = new Uint8Array(data)
    for (let index = 0; index < pixels.length; index++) {
      pixels[index] = (pixels[index] as number) > 127 ? white : 1 - white
    }
    return pixels
  } catch (error) {
    throw damagedImage(file, `its fax data cannot be decoded (${reasonOf(error)})`, error)
  }
}
