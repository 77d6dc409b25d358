import { SegscopeError } from '../../../src/model/errors.ts'
import type {
  ImageInfo,
  ImageSource,
  Raster,
  Region,
  SampleType,
} from '../../../src/model/images/image-source.ts'
import type { LabelMap } from '../../../src/model/images/label-map.ts'
import type { DataSetItem } from '../../../src/model/plan/measure-fingerprint.ts'

export interface Picture {
  width: number
  height: number
  channels?: number
  sampleType?: SampleType
  valueAt: (x: number, y: number, channel: number) => number
}

/** An image whose samples are a function of their place, so that it can be of any size. */
export class MemoryImage implements ImageSource {
  readonly path: string
  readonly info: ImageInfo
  /** Every region that was read. */
  readonly reads: Region[] = []
  closed = false
  readonly #picture: Picture

  constructor(path: string, picture: Picture) {
    this.path = path
    this.#picture = picture
    const sampleType = picture.sampleType ?? 'uint16'
    this.info = {
      width: picture.width,
      height: picture.height,
      channels: picture.channels ?? 1,
      pages: 1,
      sampleType,
      bitsPerSample: Number(/\d+/.exec(sampleType)?.[0]),
      pixelSize: undefined,
      format: 'TIFF',
    }
  }

  read({ x, y, width, height }: Region): Promise<Raster> {
    if (x < 0 || y < 0 || x + width > this.info.width || y + height > this.info.height) {
      return Promise.reject(new RangeError('outside the image'))
    }
    this.reads.push({ x, y, width, height })
    const { channels, sampleType } = this.info
    const kind = sampleType === 'uint8' ? Uint8Array : sampleType === 'float32' ? Float32Array : Uint16Array
    const samples = new kind(channels * width * height)
    let index = 0
    for (let channel = 0; channel < channels; channel++) {
      for (let row = y; row < y + height; row++) {
        for (let column = x; column < x + width; column++)
          samples[index++] = this.#picture.valueAt(column, row, channel)
      }
    }
    return Promise.resolve({ samples, channels, width, height })
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

export function labelMap(width: number, height: number, classAt: (x: number, y: number) => number): LabelMap {
  return {
    width,
    height,
    values: Uint8Array.from({ length: width * height }, (_, i) => classAt(i % width, Math.floor(i / width))),
  }
}

export function dataSetItem(path: string, picture: Picture, labels?: LabelMap): DataSetItem {
  return {
    path,
    labelPath: labels === undefined ? undefined : path.replace('.tif', '_labels.png'),
    open: () => Promise.resolve(new MemoryImage(path, picture)),
    readLabels: () => Promise.resolve(labels),
  }
}

export function brokenItem(path: string): DataSetItem {
  return {
    path,
    labelPath: undefined,
    open: () =>
      Promise.reject(
        new SegscopeError('image-truncated', 'The file ends in the middle of a strip.', { file: path }),
      ),
    readLabels: () => Promise.resolve(undefined),
  }
}

/** Discs of this diameter on a grid, class 1 on background. */
export function discs(diameter: number, spacing: number): (x: number, y: number) => number {
  return (x, y) =>
    Math.hypot((x % spacing) - spacing / 2, (y % spacing) - spacing / 2) < diameter / 2 ? 1 : 0
}
