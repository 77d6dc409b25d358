import type { Region } from '../../images/image-source.ts'
import { UNLABELLED, type LabelMap } from '../../images/label-map.ts'
import type { PatchGeometry } from './geometry.ts'

/** A position outside 0 ... extent - 1 mirrored into it, the border pixel not repeated. */
function reflect(position: number, extent: number): number {
  if (extent === 1) return 0
  const last = extent - 1
  const folded = Math.abs(position) % (2 * last)
  return folded > last ? 2 * last - folded : folded
}

/** The part of the image that a patch needs, with what its mirrored pixels come from. */
export function neededRegion(geometry: PatchGeometry, image: { width: number; height: number }): Region {
  const [x, right] = neededRange(geometry.x, image.width)
  const [y, bottom] = neededRange(geometry.y, image.height)
  return { x, y, width: right - x + 1, height: bottom - y + 1 }
}

function neededRange(positions: Float64Array, extent: number): [first: number, last: number] {
  let low = Infinity
  let high = -Infinity
  for (const position of positions) {
    if (position < low) low = position
    if (position > high) high = position
  }
  const last = extent - 1
  const first = Math.floor(low)
  const end = Math.max(Math.ceil(high), -first)
  return [Math.max(0, Math.min(first, 2 * last - end)), Math.min(last, end)]
}

/**
 * Takes a patch out of a region of an image, bilinearly; outside the image its mirror image continues it.
 * @param pixels `[channels, region.height, region.width]`
 * @param region as `neededRegion` gives it
 * @param patch takes the result: `[channels, side, side]`
 */
export function resampleImage(
  pixels: Float32Array,
  region: Region,
  image: { width: number; height: number },
  geometry: PatchGeometry,
  patch: Float32Array,
): void {
  const area = region.width * region.height
  const patchArea = geometry.x.length
  const channels = patch.length / patchArea
  const lastX = image.width - 1
  const lastY = image.height - 1
  for (let index = 0; index < patchArea; index++) {
    let x = geometry.x[index] as number
    let y = geometry.y[index] as number
    if (x < 0 || x > lastX) x = reflect(x, image.width)
    if (y < 0 || y > lastY) y = reflect(y, image.height)
    x -= region.x
    y -= region.y
    const column = Math.floor(x)
    const row = Math.floor(y)
    const shareX = x - column
    const shareY = y - row
    const right = column + 1 < region.width ? 1 : 0
    const below = row + 1 < region.height ? region.width : 0
    let from = row * region.width + column
    for (let channel = 0; channel < channels; channel++, from += area) {
      const upperLeft = pixels[from] as number
      const lowerLeft = pixels[from + below] as number
      const upper = upperLeft + shareX * ((pixels[from + right] as number) - upperLeft)
      const lower = lowerLeft + shareX * ((pixels[from + below + right] as number) - lowerLeft)
      patch[channel * patchArea + index] = upper + shareY * (lower - upper)
    }
  }
}

/**
 * Takes a patch out of a label map, the nearest label for each pixel; nothing is labelled outside it.
 * @param patch takes the result: `[side, side]`
 */
export function resampleLabels(labels: LabelMap, geometry: PatchGeometry, patch: Uint8Array): void {
  const { width, height, values } = labels
  for (let index = 0; index < patch.length; index++) {
    const x = Math.floor((geometry.x[index] as number) + 0.5)
    const y = Math.floor((geometry.y[index] as number) + 0.5)
    const inside = x >= 0 && x < width && y >= 0 && y < height
    patch[index] = inside ? (values[y * width + x] as number) : UNLABELLED
  }
}
