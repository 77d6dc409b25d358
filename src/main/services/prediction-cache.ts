/** A tile as the network said it. */
export interface NetworkTile {
  width: number
  height: number
  /** `[height, width]`, of the network's own */
  classes: Uint8Array<ArrayBuffer>
  /** `[height, width]` */
  uncertainty: Uint8Array<ArrayBuffer>
  /** Of the network. */
  classNames: string[]
}

/** Predicted tiles by name; those unused longest go when there are too many. */
export class PredictionCache {
  readonly #limitBytes: number
  /** The least recently used first. */
  readonly #tiles = new Map<string, NetworkTile>()
  #bytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  get(name: string): NetworkTile | undefined {
    const tile = this.#tiles.get(name)
    if (tile === undefined) return undefined
    this.#tiles.delete(name)
    this.#tiles.set(name, tile)
    return tile
  }

  set(name: string, tile: NetworkTile): void {
    this.#drop(name)
    this.#tiles.set(name, tile)
    this.#bytes += sizeOf(tile)
    for (const oldest of this.#tiles.keys()) {
      if (this.#bytes <= this.#limitBytes) return
      this.#drop(oldest)
    }
  }

  #drop(name: string): void {
    const tile = this.#tiles.get(name)
    if (tile === undefined) return
    this.#tiles.delete(name)
    this.#bytes -= sizeOf(tile)
  }
}

function sizeOf({ classes, uncertainty }: NetworkTile): number {
  return classes.length + uncertainty.length
}
