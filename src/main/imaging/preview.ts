import type { ImageSource, Raster } from '../../model/images/image-source.ts'
import type { LabelMap } from '../../model/images/label-map.ts'

/** Previews are for looking at: no side is longer. */
const LONGEST_SIDE = 2048
/** Percentiles that become black and white: hot pixels and dust do not set the contrast. */
const BLACK_PERCENTILE = 0.005
const WHITE_PERCENTILE = 0.995
/** Enough values to know these percentiles by. */
const SAMPLED_VALUES = 200_000

/** A picture for the eye: `[height, width, 3]`, 8 bits. */
export interface Preview {
  width: number
  height: number
  rgb: Uint8Array
}

/**
 * An image as a person wants to see it: reduced by a whole factor where it is large, contrast stretched to its own
 * range whatever its bit depth. Three channels are shown as red, green and blue; otherwise the first one in grey.
 * Reads strips, so that memory does not grow with the image.
 */
export async function previewImage(image: ImageSource): Promise<Preview> {
  const { width: fullWidth, height: fullHeight, channels } = image.info
  const { factor, width, height } = reduction(fullWidth, fullHeight)
  const planes = Array.from({ length: channels === 3 ? 3 : 1 }, () => new Float32Array(width * height))
  for (let y = 0; y < height; y++) {
    const rows = Math.min(factor, fullHeight - y * factor)
    const strip = await image.read({ x: 0, y: y * factor, width: fullWidth, height: rows })
    planes.forEach((plane, channel) => {
      const offset = channel * rows * fullWidth
      for (let x = 0; x < width; x++) {
        const columns = Math.min(factor, fullWidth - x * factor)
        let sum = 0
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            sum += strip.samples[offset + row * fullWidth + x * factor + column] as number
          }
        }
        plane[y * width + x] = sum / (rows * columns)
      }
    })
  }
  return stretch(planes, width, height)
}

/** A raster in memory as a person wants to see it, at its own size; see `previewImage`. */
export function previewRaster({ samples, channels, width, height }: Raster): Preview {
  const planes = Array.from({ length: channels === 3 ? 3 : 1 }, (_, channel) =>
    Float32Array.from(samples.subarray(channel * width * height, (channel + 1) * width * height)),
  )
  return stretch(planes, width, height)
}

function stretch(planes: readonly Float32Array[], width: number, height: number): Preview {
  const [black, white] = contrastRange(planes)
  const rgb = new Uint8Array(3 * width * height)
  for (let at = 0; at < rgb.length; at++) {
    const plane = planes[at % planes.length] as Float32Array
    const value = ((plane[Math.floor(at / 3)] as number) - black) / (white - black)
    rgb[at] = Math.round(255 * Math.min(1, Math.max(0, value)))
  }
  return { width, height, rgb }
}

/** A label map at the size of its image's preview; every pixel shows the class in the middle of what it stands for. */
export async function previewLabels(labels: ImageSource): Promise<LabelMap> {
  const { width: fullWidth, height: fullHeight } = labels.info
  const { factor, width, height } = reduction(fullWidth, fullHeight)
  const values = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    const middle = Math.min(fullHeight - 1, y * factor + Math.floor(factor / 2))
    const { samples } = await labels.read({ x: 0, y: middle, width: fullWidth, height: 1 })
    for (let x = 0; x < width; x++) {
      values[y * width + x] = samples[Math.min(fullWidth - 1, x * factor + Math.floor(factor / 2))] as number
    }
  }
  return { width, height, values }
}

function reduction(fullWidth: number, fullHeight: number): { factor: number; width: number; height: number } {
  const factor = Math.ceil(Math.max(fullWidth, fullHeight) / LONGEST_SIDE)
  return { factor, width: Math.ceil(fullWidth / factor), height: Math.ceil(fullHeight / factor) }
}

/** Of all planes together, so that colours keep their balance. A flat image comes out black, not as noise. */
function contrastRange(planes: readonly Float32Array[]): [black: number, white: number] {
  const total = planes.reduce((sum, plane) => sum + plane.length, 0)
  const step = Math.max(1, Math.floor(total / SAMPLED_VALUES))
  const values = Float32Array.from(
    planes.flatMap((plane) =>
      Array.from(plane.filter((value, at) => at % step === 0 && Number.isFinite(value))),
    ),
  ).sort()
  const black = values[Math.floor((values.length - 1) * BLACK_PERCENTILE)] ?? 0
  const white = values[Math.ceil((values.length - 1) * WHITE_PERCENTILE)] ?? 0
  return [black, white > black ? white : black + 1]
}
