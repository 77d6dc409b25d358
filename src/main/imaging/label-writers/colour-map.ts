import { UNLABELLED } from '../../../model/images/label-map.ts'
import { colourChannels, type WrittenClass } from './written-labels.ts'

/**
 * TIFF's ColorMap: 256 reds, greens and blues of 16 bits. ImageJ shows an 8-bit image by it whatever the photometric
 * interpretation (`TiffDecoder.getColorMap`); that stays "zero is black", so that programs that turn palettes into colours
 * still read classes. Background is black, 255 (not labelled) dark grey.
 */
export function colourMap(classes: readonly WrittenClass[]): number[] {
  const map = new Array<number>(3 * 256).fill(0)
  const put = (value: number, colour: readonly number[]): void =>
    colour.forEach((part, channel) => {
      map[channel * 256 + value] = part * 257
    })
  for (const { value, colour } of classes) if (value !== 0) put(value, colourChannels(colour))
  put(UNLABELLED, [64, 64, 64])
  return map
}
