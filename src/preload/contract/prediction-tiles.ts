import { decodeRuns, encodeRuns } from './run-lengths.ts'

/** What a network says of a square of pixels; at the right and lower edge it is cut to the image. */
export interface PredictionTile {
  width: number
  height: number
  /** `[height, width]`: class values of the project, 255 where it has no class for what the network found. */
  values: Uint8Array<ArrayBuffer>
  /** `[height, width]`: 1 less the probability of that class, in 255ths. */
  uncertainty: Uint8Array<ArrayBuffer>
}

/** Layout, little end first: width u32, height u32, bytes of the values u32, the values as runs, uncertainty a byte a pixel. */
export function encodePredictionTile(tile: PredictionTile): Uint8Array<ArrayBuffer> {
  const runs = encodeRuns(tile.values)
  const bytes = new Uint8Array(12 + runs.length + tile.uncertainty.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, tile.width, true)
  view.setUint32(4, tile.height, true)
  view.setUint32(8, runs.length, true)
  bytes.set(runs, 12)
  bytes.set(tile.uncertainty, 12 + runs.length)
  return bytes
}

/** @throws RangeError where the bytes are no encoded prediction tile */
export function decodePredictionTile(bytes: Uint8Array<ArrayBuffer>): PredictionTile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const width = view.getUint32(0, true)
  const height = view.getUint32(4, true)
  const end = 12 + view.getUint32(8, true)
  const uncertainty = bytes.slice(end)
  if (uncertainty.length !== width * height)
    throw new RangeError('The uncertainties are not as many as pixels.')
  return { width, height, values: decodeRuns(bytes.subarray(12, end), width * height), uncertainty }
}
