/** IHDR (PNG specification 11.2.2). */
export interface PngHeader {
  width: number
  height: number
  bitDepth: number
  /** Samples a pixel in the file, alpha included. */
  storedChannels: number
  /** Samples a pixel that are kept: alpha is dropped. */
  channels: number
  interlaced: boolean
}

/** A piece of the file between its length and its checksum. */
export interface PngChunk {
  type: string
  offset: number
  length: number
}
