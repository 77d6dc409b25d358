import { existsSync } from 'node:fs'
import type { ComputeLimits } from '../../model/engine/compute-limits.ts'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import { UNLABELLED } from '../../model/images/label-map.ts'
import type { PredictedPart } from '../../model/prediction/predict-part.ts'
import { PREDICTION_TILE_SIZE } from '../../preload/contract/addresses.ts'
import type { PredictionTile } from '../../preload/contract/prediction-tiles.ts'
import type { PredictionOrder } from '../compute/prediction-messages.ts'
import { PredictionSession } from '../compute/prediction-session.ts'
import type { CheckpointRecord } from '../database/repositories/checkpoints.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import { networkClassValues } from './network-class-values.ts'
import { type NetworkTile, PredictionCache } from './prediction-cache.ts'
import type { Project } from './project.ts'
import type { ComputeChoice, Computing } from './compute-choice.ts'

const SIZE = PREDICTION_TILE_SIZE
/** 100 million pixels. */
const cacheBytes = 200_000_000
/** Nobody asked for so long: the process's memory is given back. */
const idleMilliseconds = 5 * 60_000

/** Which tile of which page, by which checkpoint. */
export interface TilePlace {
  image: number
  page: number
  column: number
  row: number
  checkpoint: string
}

/**
 * Predicts what a page looks at, tile by tile. A process of its own computes, one part of a plane at a time, in the order
 * asked for; it is started when it is needed, ended when nobody asks any more, and started anew where it died.
 */
export class LivePrediction {
  readonly #project: Project
  readonly #closing: AbortSignal
  readonly #compute: () => ComputeChoice
  readonly #computeWith: Computing['computeWith']
  readonly #cache = new PredictionCache(cacheBytes)
  #session: PredictionSession | undefined
  #limits: ComputeLimits | undefined
  /** Settles when the last that asked has had its turn. */
  #turns: Promise<unknown> = Promise.resolve()
  #idle: NodeJS.Timeout | undefined

  /**
   * @param closing fires when the project is closed
   * @param compute what is to compute, asked for each time
   */
  constructor(project: Project, closing: AbortSignal, { compute, computeWith }: Computing) {
    this.#compute = compute
    this.#computeWith = computeWith
    this.#project = project
    this.#closing = closing
    closing.addEventListener('abort', () => this.#endSession(), { once: true })
  }

  /**
   * @param signal fires when nobody waits any more: what has not begun is not computed
   * @returns undefined where the image has no such tile
   * @throws SegscopeError `checkpoint-not-found`, `checkpoint-file-missing`, `image-unknown`, and as
   *   `PredictionSession.predict`; CancelledError
   */
  async tile(place: TilePlace, signal: AbortSignal): Promise<PredictionTile | undefined> {
    const { page, column, row } = place
    const checkpoint = this.#requireCheckpoint(place.checkpoint)
    const image = this.#requireImage(place.image)
    if (page >= image.pages || column * SIZE >= image.width || row * SIZE >= image.height) return undefined
    const plane = [checkpoint.id, checkpoint.created, image.id, image.fingerprint, page].join(' ')
    const tile =
      this.#cache.get(nameOf(plane, column, row)) ??
      (await this.#inTurn(signal, () => this.#predict(plane, checkpoint, image, place)))
    return this.#toProjectClasses(tile, checkpoint)
  }

  /**
   * Loads a checkpoint's network before it is asked to predict, so that the first answer comes as soon as the others;
   * returns at once.
   * @throws SegscopeError `checkpoint-not-found`, `checkpoint-file-missing`
   */
  prepare(id: string): void {
    const { file, created } = this.#requireCheckpoint(id)
    this.#requireSession().prepare({
      engine: this.#compute().prediction.engine,
      checkpointFile: file,
      checkpointVersion: created,
    })
    this.#endWhenIdle()
  }

  async #predict(
    plane: string,
    { file, created }: CheckpointRecord,
    { path, fingerprint }: ImageRecord,
    { page, column, row }: TilePlace,
  ): Promise<NetworkTile> {
    // Another's turn may have brought it.
    const known = this.#cache.get(nameOf(plane, column, row))
    if (known !== undefined) return known
    const order = {
      checkpointFile: file,
      checkpointVersion: created,
      path,
      fingerprint,
      page,
      x: column * SIZE,
      y: row * SIZE,
    }
    const { part, classNames } = await this.#computeWith(this.#compute().prediction.engine, (engine) =>
      this.#runSession({ ...order, engine }),
    )
    let wanted: NetworkTile | undefined
    for (let y = part.y; y < part.y + part.height; y += SIZE) {
      for (let x = part.x; x < part.x + part.width; x += SIZE) {
        const tile = { ...cutTile(part, x, y), classNames }
        this.#cache.set(nameOf(plane, x / SIZE, y / SIZE), tile)
        if (x === column * SIZE && y === row * SIZE) wanted = tile
      }
    }
    return wanted as NetworkTile
  }

  async #inTurn<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    const before = this.#turns
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#turns = promise
    await before
    try {
      if (signal.aborted || this.#closing.aborted) throw new CancelledError()
      return await work()
    } finally {
      resolve(undefined)
    }
  }

  async #runSession(order: PredictionOrder): Promise<Awaited<ReturnType<PredictionSession['predict']>>> {
    clearTimeout(this.#idle)
    try {
      return await this.#requireSession().predict(order)
    } finally {
      this.#endWhenIdle()
    }
  }

  #requireSession(): PredictionSession {
    const { limits } = this.#compute()
    // Limits hold for a process from its start.
    if (JSON.stringify(limits) !== JSON.stringify(this.#limits)) this.#endSession()
    this.#limits = limits
    if (this.#session?.hasEnded !== false) this.#session = new PredictionSession(limits)
    return this.#session
  }

  #endWhenIdle(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#endSession(), idleMilliseconds).unref()
  }

  #endSession(): void {
    clearTimeout(this.#idle)
    void this.#session?.close()
    this.#session = undefined
  }

  #toProjectClasses(
    { width, height, classes, uncertainty, classNames }: NetworkTile,
    checkpoint: CheckpointRecord,
  ): PredictionTile {
    const valueOf = networkClassValues(this.#project, checkpoint, classNames)
    return { width, height, values: classes.map((each) => valueOf[each] ?? UNLABELLED), uncertainty }
  }

  #requireCheckpoint(id: string): CheckpointRecord {
    const found = this.#project.checkpoints.find(id)
    if (found === undefined || found.isDeleted) {
      throw new SegscopeError('checkpoint-not-found', `The project has no checkpoint ${id}.`, {
        remedy: 'Choose another one.',
      })
    }
    if (existsSync(found.file)) return found
    throw new SegscopeError('checkpoint-file-missing', `The file of checkpoint ${id} is gone.`, {
      file: found.file,
      remedy: 'Put it back there, or choose another checkpoint.',
    })
  }

  #requireImage(id: number): ImageRecord {
    const found = this.#project.images.find(id)
    if (found !== undefined) return found
    throw new SegscopeError('image-unknown', `The project has no image ${id}.`, {
      remedy: 'It was removed; go back to the images.',
    })
  }
}

function nameOf(plane: string, column: number, row: number): string {
  return `${plane} ${column} ${row}`
}

/** The tile of a part whose upper left pixel is (x, y) of the plane. */
function cutTile(part: PredictedPart, x: number, y: number): Omit<NetworkTile, 'classNames'> {
  const width = Math.min(SIZE, part.x + part.width - x)
  const height = Math.min(SIZE, part.y + part.height - y)
  const cut = (values: Uint8Array): Uint8Array<ArrayBuffer> => {
    const tile = new Uint8Array(width * height)
    for (let row = 0; row < height; row++) {
      const from = (y - part.y + row) * part.width + x - part.x
      tile.set(values.subarray(from, from + width), row * width)
    }
    return tile
  }
  return { width, height, classes: cut(part.classes), uncertainty: cut(part.uncertainty) }
}
