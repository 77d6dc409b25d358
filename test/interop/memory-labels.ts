import { createHash } from 'node:crypto'
import type { ImageSource } from '../../src/model/images/image-source.ts'
import { RandomGenerator } from '../../src/model/random.ts'
import { cropRaster } from '../../src/main/imaging/regions.ts'

/** Labels in memory, `[pages, height, width]`. */
export class MemoryLabels implements ImageSource {
  readonly path = 'labels'
  readonly info: ImageSource['info']
  readonly values: Uint8Array

  constructor(width: number, height: number, pages: number, values: Uint8Array) {
    this.values = values
    this.info = {
      width,
      height,
      channels: 1,
      pages,
      sampleType: 'uint8',
      bitsPerSample: 8,
      pixelSize: undefined,
      format: 'memory',
    }
  }

  page(index: number): Uint8Array {
    const { width, height } = this.info
    return this.values.subarray(index * width * height, (index + 1) * width * height)
  }

  read: ImageSource['read'] = (region, page = 0) => {
    const { width, height } = this.info
    return Promise.resolve(cropRaster({ samples: this.page(page), channels: 1, width, height }, region))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** Discs and rings of classes 1 to 3 over background, single pixels, and a stripe that nobody labelled. */
export function drawLabels(width: number, height: number, pages: number, seed = 1): MemoryLabels {
  const random = new RandomGenerator(seed)
  const values = new Uint8Array(width * height * pages)
  for (let disc = 0; disc < 40 * pages; disc++) {
    const page = Math.floor(random.uniform(0, pages))
    const [x0, y0] = [random.uniform(-5, width + 5), random.uniform(-5, height + 5)]
    const [radius, hole] = [random.uniform(0.6, 24), random.uniform(-10, 10)]
    const value = 1 + (disc % 3)
    for (let at = 0; at < width * height; at++) {
      const distance = Math.hypot((at % width) - x0, Math.floor(at / width) - y0)
      if (distance < radius && distance >= hole) values[page * width * height + at] = value
    }
  }
  for (let at = 0; at < values.length; at++) if (at % width < 9 && (at / width) % 50 < 3) values[at] = 255
  return new MemoryLabels(width, height, pages, values)
}

export function digestOf(values: Uint8Array): string {
  return createHash('sha256').update(values).digest('hex')
}
