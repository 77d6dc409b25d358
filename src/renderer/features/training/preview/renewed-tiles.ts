import type { PredictedTiles } from '../../prediction/prediction-layer.ts'
import type { PredictionTiles, TilePlace } from '../../prediction/prediction-tiles.ts'

/** A prediction that is made again and again: the one before stays until all that is seen of the new one is there. */
export class RenewedTiles implements PredictedTiles {
  #shown: PredictionTiles | undefined
  #coming: PredictionTiles | undefined
  #wanted: readonly TilePlace[] = []

  get(...place: TilePlace) {
    return this.#shown?.get(...place)
  }

  want(places: readonly TilePlace[]): void {
    this.#wanted = places
    this.#shown?.want(places)
    this.#coming?.want(places)
  }

  /** Begins to load another, which is shown once `settle` finds it whole. */
  renew(tiles: PredictionTiles): void {
    this.#coming?.dispose()
    this.#coming = tiles
    tiles.want(this.#wanted)
  }

  /** To be called when a tile came, before it is drawn. */
  settle(): void {
    if (this.#coming === undefined || this.#wanted.length === 0 || this.#coming.missing > 0) return
    this.#shown?.dispose()
    this.#shown = this.#coming
    this.#coming = undefined
  }

  dispose(): void {
    this.#shown?.dispose()
    this.#coming?.dispose()
    this.#shown = undefined
    this.#coming = undefined
  }
}
