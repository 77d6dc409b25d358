import { open, type FileHandle } from 'node:fs/promises'
import type { ImageInfo, SampleType } from '../../../model/images/image-source.ts'
import { PIXEL_TILE_SIZE } from '../../../preload/contract/addresses.ts'
import type { ChannelStatistics } from '../../../preload/contract/images.ts'
import { createSamples } from '../regions.ts'
import { countLevels, levelSize, tileRegion } from './levels.ts'

/**
 * A plane's levels in one file: each tile as it is sent to a page, uncompressed, so that showing one is one read. Tiles lie level
 * by level, in it channel by channel, row by row; then the facts as JSON, then their length in bytes as a 32-bit number, little end
 * first.
 */
export interface PyramidFacts {
  info: ImageInfo
  /** 1, or 0 where the image's own file can only be decoded as a whole. */
  firstLevel: number
  statistics: ChannelStatistics[]
}

/** Where each tile is in a pyramid's file. */
export class PyramidLayout {
  readonly firstLevel: number
  readonly #size: { width: number; height: number }
  readonly #channels: number
  readonly #sampleBytes: number

  constructor(
    info: { width: number; height: number; channels: number; sampleType: SampleType },
    firstLevel: number,
  ) {
    this.firstLevel = firstLevel
    this.#size = info
    this.#channels = info.channels
    this.#sampleBytes = createSamples(shownType(info.sampleType), 0).BYTES_PER_ELEMENT
  }

  /** Bytes of all tiles; what follows are the facts. */
  get tileBytes(): number {
    return this.#startOf(countLevels(this.#size))
  }

  /** undefined where there is no such tile. */
  locate(at: {
    channel: number
    level: number
    column: number
    row: number
  }): { offset: number; length: number } | undefined {
    const region = tileRegion(this.#size, at)
    if (region === undefined || at.level < this.firstLevel || at.channel >= this.#channels) return undefined
    const { width, height } = levelSize(this.#size, at.level)
    const before =
      at.channel * width * height + region.y * width + at.column * PIXEL_TILE_SIZE * region.height
    return {
      offset: this.#startOf(at.level) + before * this.#sampleBytes,
      length: region.width * region.height * this.#sampleBytes,
    }
  }

  #startOf(level: number): number {
    let bytes = 0
    for (let before = this.firstLevel; before < level; before++) {
      const { width, height } = levelSize(this.#size, before)
      bytes += width * height * this.#channels * this.#sampleBytes
    }
    return bytes
  }
}

/** The type in which samples are shown and kept: 64-bit floats as 32-bit ones. */
export function shownType(type: SampleType): SampleType {
  return type === 'float64' ? 'float32' : type
}

/** What follows the tiles. */
export function encodeFacts(facts: PyramidFacts): Uint8Array {
  const json = Buffer.from(JSON.stringify(facts))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  return Buffer.concat([json, length])
}

/** A pyramid's file, open. */
export class PyramidFile {
  readonly facts: PyramidFacts
  readonly #layout: PyramidLayout
  readonly #handle: FileHandle

  private constructor(facts: PyramidFacts, handle: FileHandle) {
    this.facts = facts
    this.#layout = new PyramidLayout(facts.info, facts.firstLevel)
    this.#handle = handle
  }

  /** undefined where there is no file, or not a whole one: it is made again. */
  static async open(path: string): Promise<PyramidFile | undefined> {
    const handle = await open(path, 'r').catch(() => undefined)
    if (handle === undefined) return undefined
    const file = await PyramidFile.#read(handle).catch(() => undefined)
    if (file === undefined) await handle.close()
    return file
  }

  static async #read(handle: FileHandle): Promise<PyramidFile | undefined> {
    const { size } = await handle.stat()
    const length = (await readBytes(handle, size - 4, 4)).readUInt32LE()
    const json = (await readBytes(handle, size - 4 - length, length)).toString()
    const file = new PyramidFile(JSON.parse(json) as PyramidFacts, handle)
    return file.#layout.tileBytes + length + 4 === size ? file : undefined
  }

  /** Samples `[height, width]`; undefined where the file holds no such tile. */
  async readTile(at: {
    channel: number
    level: number
    column: number
    row: number
  }): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const place = this.#layout.locate(at)
    return place && (await readBytes(this.#handle, place.offset, place.length))
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

async function readBytes(handle: FileHandle, offset: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await handle.read(bytes, 0, length, offset)
  if (bytesRead < length) throw new RangeError('The file ends before its tiles.')
  return bytes
}
