import { PIXEL_TILE_SIZE, pixelTileAddress } from '../../preload/contract/addresses.ts'
import type { Problem } from '../../preload/contract/base.ts'
import type { ImageDetails } from '../../preload/contract/images.ts'
import type { Size } from './camera.ts'
import { decodeSamples, type TileSamples } from './samples.ts'
import { levelSize, type Tile } from './tile-grid.ts'

/** One channel of one tile, loaded. */
export interface PixelTile extends Size {
  /** `[height, width]` */
  readonly samples: TileSamples
  /** Coarse: the server is still making better ones. */
  readonly isPreliminary: boolean
}

/** Which pixels: those of one channel of one tile of one page. */
export interface PixelTilePlace extends Tile {
  readonly details: ImageDetails
  readonly page: number
  readonly channel: number
}

/**
 * Requests at a time. Browsers open six connections to a server at most over HTTP/1.1: some stay free for strokes that
 * are to be saved.
 */
const PARALLEL_REQUESTS = 4
/** Of samples. The graphics system holds as much again. */
const LARGEST_CACHE_BYTES = 128 * 2 ** 20

/** Until preliminary tiles are asked for again. */
const PRELIMINARY_MILLISECONDS = 1000

export interface PixelTilesEvents {
  loaded(): void
  failed(problem: Problem): void
  /** The tile left the cache: give back what belonged to it. */
  dropped(tile: PixelTile): void
}

/** Loads tiles that are wanted, in the order in which they are, and keeps those used last. */
export class PixelTiles {
  readonly #events: PixelTilesEvents
  /** By address; the least recently used first. */
  readonly #loaded = new Map<string, PixelTile>()
  readonly #loading = new Map<string, AbortController>()
  /** Not asked for again until `retry`. */
  readonly #failed = new Set<string>()
  /** Loaded, and to be loaded again. */
  readonly #outdated = new Set<string>()
  #wanted = new Map<string, PixelTilePlace>()
  #bytes = 0
  #renewal: ReturnType<typeof setTimeout> | undefined

  constructor(events: PixelTilesEvents) {
    this.#events = events
  }

  has(place: PixelTilePlace): boolean {
    return this.#loaded.has(addressOf(place))
  }

  /** A tile that is there, which counts as a use of it. */
  get(place: PixelTilePlace): PixelTile | undefined {
    const address = addressOf(place)
    const tile = this.#loaded.get(address)
    if (tile === undefined) return undefined
    this.#loaded.delete(address)
    this.#loaded.set(address, tile)
    return tile
  }

  /** Loads these, the first first, and nothing else: requests for other tiles are given up. */
  want(places: readonly PixelTilePlace[]): void {
    this.#wanted = new Map(places.map((place) => [addressOf(place), place]))
    for (const [address, controller] of this.#loading) {
      if (this.#wanted.has(address)) continue
      this.#loading.delete(address)
      controller.abort()
    }
    this.#loadMore()
  }

  /** Asks again for what failed. */
  retry(): void {
    this.#failed.clear()
    this.#loadMore()
  }

  dispose(): void {
    clearTimeout(this.#renewal)
    this.want([])
    for (const tile of this.#loaded.values()) this.#events.dropped(tile)
    this.#loaded.clear()
  }

  #loadMore(): void {
    for (const [address, place] of this.#wanted) {
      if (this.#loading.size >= PARALLEL_REQUESTS) return
      if (this.#loaded.has(address) && !this.#outdated.has(address)) continue
      if (this.#loading.has(address) || this.#failed.has(address)) continue
      const controller = new AbortController()
      this.#loading.set(address, controller)
      void this.#load(address, place, controller.signal)
    }
  }

  async #load(address: string, place: PixelTilePlace, signal: AbortSignal): Promise<void> {
    let result: PixelTile | Problem
    try {
      result = await fetchTile(address, place, signal)
    } catch (error) {
      result = {
        code: 'pixels-unreachable',
        message: `The image's pixels did not arrive: ${error instanceof Error ? error.message : String(error)}`,
        remedy: 'Check that Segscope still runs, then try again.',
      }
    }
    if (signal.aborted) return
    this.#loading.delete(address)
    if ('samples' in result) {
      this.#keep(address, result)
      this.#events.loaded()
    } else {
      this.#failed.add(address)
      this.#events.failed(result)
    }
    this.#loadMore()
  }

  #keep(address: string, tile: PixelTile): void {
    this.#drop(address)
    this.#loaded.set(address, tile)
    this.#bytes += tile.samples.byteLength
    if (tile.isPreliminary) this.#renewal ??= setTimeout(this.#renew, PRELIMINARY_MILLISECONDS)
    for (const candidate of this.#loaded.keys()) {
      if (this.#bytes <= LARGEST_CACHE_BYTES) return
      if (!this.#wanted.has(candidate)) this.#drop(candidate)
    }
  }

  #drop(address: string): void {
    this.#outdated.delete(address)
    const tile = this.#loaded.get(address)
    if (tile === undefined) return
    this.#loaded.delete(address)
    this.#bytes -= tile.samples.byteLength
    this.#events.dropped(tile)
  }

  readonly #renew = (): void => {
    this.#renewal = undefined
    for (const [address, { isPreliminary }] of this.#loaded) {
      if (isPreliminary) this.#outdated.add(address)
    }
    this.#loadMore()
  }
}

function addressOf({ details, ...at }: PixelTilePlace): string {
  return pixelTileAddress(details.id, at, details.fingerprint)
}

async function fetchTile(
  address: string,
  { details, level, column, row }: PixelTilePlace,
  signal: AbortSignal,
): Promise<PixelTile | Problem> {
  const response = await fetch(address, { signal })
  if (!response.ok) return await readProblem(response)
  const plane = levelSize(details, level)
  const width = Math.min(PIXEL_TILE_SIZE, plane.width - column * PIXEL_TILE_SIZE)
  const height = Math.min(PIXEL_TILE_SIZE, plane.height - row * PIXEL_TILE_SIZE)
  const samples = decodeSamples(await response.arrayBuffer(), details.sampleType, width * height)
  return { width, height, samples, isPreliminary: response.headers.get('cache-control') === 'no-store' }
}

/** Problems come as JSON from the application, and as anything from what stands between. */
async function readProblem(response: Response): Promise<Problem> {
  const isJson = response.headers.get('content-type')?.includes('json') === true
  if (isJson) return (await response.json()) as Problem
  return {
    code: 'pixels-unreachable',
    message: `The image's pixels did not arrive: the server answered with status ${response.status}.`,
    remedy: 'Check that Segscope still runs, then try again.',
  }
}
