import { shallowRef } from 'vue'
import type { LabelTiles } from '../../../preload/contract/label-tiles.ts'
import { LABEL_TILE_SIZE } from '../../../preload/contract/label-tiles.ts'
import type { LabelChange, LabelState, Plane } from '../../../preload/contract/labels.ts'
import type { Size } from '../../viewer/camera.ts'
import { UNLABELLED } from '../label-values.ts'
import { LabelPlane, type TileRange } from './label-plane.ts'
import type { SavingJob, SavingQueue } from './saving-queue.ts'
import { type Paint, Stroke } from './stroke.ts'

/** What an editor asks the main process. All of them throw `RequestProblem` or oRPC's errors. */
export interface LabelService {
  fetchTiles(plane: Plane, range?: TileRange): Promise<LabelTiles>
  /** Resolves when the stroke is on disk. */
  saveStroke(plane: Plane, stroke: LabelTiles): Promise<LabelState>
  state(plane: Plane): Promise<LabelState>
  undo(plane: Plane): Promise<LabelChange>
  redo(plane: Plane): Promise<LabelChange>
}

/**
 * Paints on one plane: what is painted is seen at once and saved in order. Strokes that wait to be saved are painted
 * again over whatever the main process turns out to have, so that none is lost and none brings old labels back.
 */
export class LabelEditor {
  readonly plane: LabelPlane
  /** As the main process told it last; undefined: not yet. */
  readonly state = shallowRef<LabelState>()
  readonly #service: LabelService
  readonly #queue: SavingQueue
  readonly #tellFailure: (thrown: unknown) => void
  /** Ended, and not safe yet: the oldest first. */
  #unsaved: Stroke[] = []
  #running: Stroke | undefined

  /** @param tellFailure tells the person that something they asked for was not done */
  constructor(
    plane: Plane,
    size: Size,
    services: { service: LabelService; queue: SavingQueue; tellFailure: (thrown: unknown) => void },
  ) {
    this.plane = new LabelPlane(plane, size, (range) => services.service.fetchTiles(plane, range))
    this.#service = services.service
    this.#queue = services.queue
    this.#tellFailure = services.tellFailure
  }

  get isSaved(): boolean {
    return this.#unsaved.length === 0
  }

  async loadState(): Promise<void> {
    this.state.value = await this.#service.state(this.plane.plane)
  }

  /** Begins a stroke. One runs at a time: another that still did is kept as it is. */
  begin(paint: Paint): Stroke {
    if (this.#running !== undefined) this.commit(this.#running)
    this.#running = new Stroke(this.plane, paint)
    return this.#running
  }

  /** Ends a stroke and saves it. */
  commit(stroke: Stroke): void {
    if (this.#running === stroke) this.#running = undefined
    if (stroke.changesNothing) return
    stroke.end()
    this.#unsaved.push(stroke)
    this.#queue.add(this.#job(() => this.#save(stroke)))
  }

  /** Takes a running stroke back, as if it had not been. */
  cancel(stroke: Stroke): void {
    if (this.#running === stroke) this.#running = undefined
    stroke.revert()
  }

  undo(): void {
    this.change((plane) => this.#service.undo(plane))
  }

  redo(): void {
    this.change((plane) => this.#service.redo(plane))
  }

  /** Drops the strokes that are not saved, and shows what is. */
  async giveUp(): Promise<void> {
    this.#unsaved = []
    this.#running = undefined
    await this.catchUp()
  }

  /** The labels were changed by others, up to a revision. */
  changedElsewhere(revision: number): void {
    const save = async (): Promise<void> => {
      if (this.plane.revision < revision) await this.catchUp()
    }
    this.#queue.add(this.#job(save))
  }

  /** Takes the labels that the main process has now, with the strokes that are not saved on top. */
  async catchUp(): Promise<void> {
    const { plane } = this
    const touched = this.#strokes().flatMap((stroke) => stroke.touchedTiles())
    const tiles = plane.isWhole ? plane.loadedTiles() : touched
    if (!plane.isWhole) {
      const kept = new Set(touched.map(([column, row]) => `${column} ${row}`))
      plane.forgetTiles((column, row) => kept.has(`${column} ${row}`))
    }
    const fetched = await plane.fetch(tiles.length === 0 ? [[0, 0]] : tiles)
    plane.revision = fetched.revision
    this.#replace(tiles, fetched)
    await this.loadState()
  }

  async #save(stroke: Stroke): Promise<void> {
    await stroke.whenPainted()
    const tiles = stroke.changedTiles()
    if (tiles.length > 0) {
      this.#took(await this.#service.saveStroke(this.plane.plane, { revision: this.plane.revision, tiles }))
    }
    this.#unsaved = this.#unsaved.filter((each) => each !== stroke)
  }

  /**
   * Asks the main process to change the plane, and shows what became of it. Waits its turn: what was painted before
   * is safe by then.
   */
  change(ask: (plane: Plane) => Promise<LabelChange>): void {
    let asked = false
    const save = async (): Promise<void> => {
      // Asking twice might take back two: whatever became of the first, what is there now is shown.
      if (asked) {
        await this.catchUp()
        return
      }
      asked = true
      let change: LabelChange
      try {
        change = await ask(this.plane.plane)
      } catch (thrown) {
        this.#tellFailure(thrown)
        await this.catchUp()
        return
      }
      await this.#follow(change)
    }
    this.#queue.add(this.#job(save))
  }

  async #follow(change: LabelChange): Promise<void> {
    const { plane } = this
    const { tiles, ...state } = change
    if (state.revision > plane.revision + 1) {
      await this.catchUp()
      return
    }
    const known = tiles.filter(([column, row]) => plane.isLoaded(column, row))
    if (known.length > 0) this.#replace(known, await plane.fetch(known))
    for (const [column, row] of tiles) {
      if (!plane.isLoaded(column, row)) plane.tell(column, row, wholeTile)
    }
    this.#took(state)
  }

  #replace(tiles: readonly [column: number, row: number][], fetched: LabelTiles): void {
    const stored = new Map(fetched.tiles.map(({ column, row, values }) => [`${column} ${row}`, values]))
    for (const [column, row] of tiles) {
      let values = stored.get(`${column} ${row}`)
      if (values === undefined) {
        if (this.plane.tile(column, row) === undefined) continue
        values = new Uint8Array(LABEL_TILE_SIZE * LABEL_TILE_SIZE).fill(UNLABELLED)
      }
      for (const stroke of this.#strokes()) values = stroke.repaint(column, row, values)
      this.plane.replaceTile(column, row, values)
    }
  }

  #took(state: LabelState): void {
    this.plane.revision = state.revision
    this.state.value = state
  }

  #strokes(): Stroke[] {
    return this.#running === undefined ? this.#unsaved : [...this.#unsaved, this.#running]
  }

  #job(save: () => Promise<void>): SavingJob {
    return { owner: this, save, catchUp: () => this.catchUp() }
  }
}

const wholeTile = { x: 0, y: 0, width: LABEL_TILE_SIZE, height: LABEL_TILE_SIZE }
