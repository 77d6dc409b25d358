import type { ImageInfo, Raster, Region, Samples, SampleType } from '../../model/images/image-source.ts'

const constructors = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const

/** An array of `length` zero samples. */
export function createSamples(type: SampleType, length: number): Samples {
  return new constructors[type](length)
}

/** @throws RangeError where the region or the page is not inside the image */
export function checkRegion(info: ImageInfo, region: Region, page: number): void {
  const { x, y, width, height } = region
  const whole = [x, y, width, height, page].every(Number.isInteger)
  const inside = x >= 0 && y >= 0 && x + width <= info.width && y + height <= info.height
  if (!whole || width < 1 || height < 1 || !inside) {
    throw new RangeError(
      `Region ${String(width)}x${String(height)} at (${String(x)}, ${String(y)}) is not inside an image of ${String(info.width)}x${String(info.height)} pixels.`,
    )
  }
  if (page < 0 || page >= info.pages) {
    throw new RangeError(`Page ${String(page)} of an image of ${String(info.pages)} pages.`)
  }
}

/** Copies a region out of a planar raster. */
export function cropRaster(raster: Raster, region: Region): Raster {
  const { channels } = raster
  const Constructor = raster.samples.constructor as Uint8ArrayConstructor
  const samples: Samples = new Constructor(channels * region.width * region.height)
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < region.height; row++) {
      const from = (channel * raster.height + region.y + row) * raster.width + region.x
      samples.set(
        raster.samples.subarray(from, from + region.width),
        (channel * region.height + row) * region.width,
      )
    }
  }
  return { samples, channels, width: region.width, height: region.height }
}

/** Interleaved samples `[pixels, stored]` as planar `[kept, pixels]`: the first `kept` of every pixel. */
export function toPlanar(interleaved: Samples, stored: number, kept: number): Samples {
  const pixels = interleaved.length / stored
  const Constructor = interleaved.constructor as Uint8ArrayConstructor
  const planar: Samples = new Constructor(kept * pixels)
  for (let channel = 0; channel < kept; channel++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      planar[channel * pixels + pixel] = interleaved[pixel * stored + channel] as number
    }
  }
  return planar
}
