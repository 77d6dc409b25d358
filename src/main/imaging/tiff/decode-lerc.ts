import { promisify } from 'node:util'
import { inflate, zstdDecompress } from 'node:zlib'
import * as lerc from 'lerc'
import type { Samples } from '../../../model/images/image-source.ts'
import { createSamples } from '../regions.ts'
import { chunkBytes, chunkChannels, type PageLayout } from './page-layout.ts'

/** What a strip of LERC is packed by once more: the second of LERC's parameters (libtiff's `LERC_ADD_COMPRESSION`). */
const unpackers = [undefined, promisify(inflate), promisify(zstdDecompress)]
/** Of tiles that hardly vary, the header is longer than their pixels. */
const HEADER_BYTES = 2 ** 16
const types: Partial<Record<string, string>> = {
  ...{ U8: 'uint8', S8: 'int8', U16: 'uint16', S16: 'int16' },
  ...{ U32: 'uint32', S32: 'int32', F32: 'float32', F64: 'float64' },
}

/**
 * Decodes a strip or tile of Esri's LERC.
 * @returns interleaved `[rows, chunkWidth, chunkChannels]`
 * @throws Error where the data are not such a picture, or of another size
 */
export async function decodeLerc(bytes: Uint8Array, layout: PageLayout, rows: number): Promise<Samples> {
  await lerc.load()
  const limit = 2 * chunkBytes(layout) + HEADER_BYTES
  const unpack = unpackers[layout.lercPacking]
  const packed = unpack === undefined ? bytes : await unpack(bytes, { maxOutputLength: limit })
  const channels = chunkChannels(layout)
  const { width, height, depthCount, bandCount, dataType } = lerc.getBlobInfo(packed)
  if (
    width !== layout.chunkWidth ||
    height < rows ||
    height > layout.chunkHeight ||
    depthCount * bandCount !== channels
  ) {
    throw new Error(
      `it holds ${String(width)}x${String(height)} pixels of ${String(depthCount * bandCount)} channels`,
    )
  }
  const { pixels, pixelType } = lerc.decode(packed, { returnInterleaved: true })
  if (types[pixelType] !== layout.sampleType)
    throw new Error(`its values are of LERC's type ${String(dataType)}`)
  const samples = createSamples(layout.sampleType, rows * width * channels)
  for (let band = 0; band < bandCount; band++) {
    const values = pixels[band] as ArrayLike<number>
    for (let at = 0; at < rows * width; at++) {
      for (let depth = 0; depth < depthCount; depth++)
        samples[at * channels + band * depthCount + depth] = values[at * depthCount + depth] as number
    }
  }
  return samples
}
