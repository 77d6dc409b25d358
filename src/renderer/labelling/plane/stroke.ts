import { LABEL_TILE_SIZE, type LabelTile } from '../../../preload/contract/label-tiles.ts'
import { UNLABELLED } from '../label-values.ts'
import type { LabelPlane } from './label-plane.ts'

const SIZE = LABEL_TILE_SIZE

/** Which pixels a stroke may change. */
export type PaintRule = { kind: 'everywhere' } | { kind: 'unlabelled' } | { kind: 'class'; value: number }

export interface Paint {
  /** A class, or UNLABELLED to erase. */
  value: number
  rule: PaintRule
}

interface ChangedTile {
  column: number
  row: number
  before: Uint8Array<ArrayBuffer>
  /** The plane's own while the stroke runs, one of the stroke's own from then on. */
  after: Uint8Array<ArrayBuffer>
  changed: boolean
}

/**
 * One change of a plane's labels, by one movement of the hand: it is seen at once, and is saved or taken back as a
 * whole. Tiles that are not here yet are fetched, and painted when they come.
 */
export class Stroke {
  readonly #plane: LabelPlane
  readonly #value: number
  /** The one label that may be painted over; undefined: any. */
  readonly #over: number | undefined
  readonly #tiles = new Map<string, ChangedTile>()
  readonly #awaited = new Map<string, [column: number, row: number]>()
  #ended = false

  constructor(plane: LabelPlane, { value, rule }: Paint) {
    this.#plane = plane
    this.#value = value
    this.#over = labelUnder(value, rule)
  }

  /**
   * Paints the pixels `first` to `end - 1` of a row, as far as they are on the image.
   * @param value another than the stroke's own
   */
  readonly fillSpan = (row: number, first: number, end: number, value = this.#value): void => {
    if (row < 0 || row >= this.#plane.height) return
    const last = Math.min(end, this.#plane.width)
    const tileRow = Math.floor(row / SIZE)
    for (let x = Math.max(first, 0); x < last;) {
      const column = Math.floor(x / SIZE)
      const stop = Math.min(last, (column + 1) * SIZE)
      const start = (row - tileRow * SIZE) * SIZE - column * SIZE
      this.#paint(column, tileRow, start + x, start + stop, value)
      x = stop
    }
  }

  /** @param mask of a tile, `[SIZE, SIZE]`: 1 where it is to be painted */
  fillMask(column: number, row: number, mask: Uint8Array): void {
    for (let y = 0; y < SIZE; y++) {
      const end = (y + 1) * SIZE
      for (let at = mask.indexOf(1, y * SIZE); at !== -1 && at < end;) {
        const stop = mask.indexOf(0, at)
        const runEnd = stop === -1 || stop > end ? end : stop
        this.#paint(column, row, at, runEnd)
        at = runEnd === end ? -1 : mask.indexOf(1, runEnd)
      }
    }
  }

  /** @param labels of a tile, `[SIZE, SIZE]`: each pixel is painted with its own; UNLABELLED is left as it is */
  fillLabels(column: number, row: number, labels: Uint8Array): void {
    for (let at = 0; at < labels.length;) {
      const value = labels[at] as number
      const rowEnd = at - (at % SIZE) + SIZE
      let end = at + 1
      while (end < rowEnd && labels[end] === value) end++
      if (value !== UNLABELLED) this.#paint(column, row, at, end, value)
      at = end
    }
  }

  /**
   * Resolves when all that was painted is in the tiles.
   * @throws what fetching throws
   */
  async whenPainted(): Promise<void> {
    await Promise.all(
      Array.from(this.#awaited.values(), ([column, row]) =>
        this.#plane.load({ columns: [column, column], rows: [row, row] }),
      ),
    )
  }

  /** From now on others may paint over the same tiles. */
  end(): void {
    this.#ended = true
    for (const tile of this.#tiles.values()) tile.after = tile.after.slice()
  }

  get changesNothing(): boolean {
    return this.#awaited.size === 0 && this.changedTiles().length === 0
  }

  /** The tiles that it changed, as they are after it. Not to be changed. */
  changedTiles(): LabelTile[] {
    return [...this.#tiles.values()]
      .filter(({ changed }) => changed)
      .map(({ column, row, after }) => ({ column, row, values: after }))
  }

  /** All tiles that it may have changed. */
  touchedTiles(): [column: number, row: number][] {
    return Array.from(this.#tiles.values(), ({ column, row }) => [column, row])
  }

  /** Takes back what it painted. Only for a stroke that runs: nobody painted over it. */
  revert(): void {
    for (const { column, row, before } of this.#tiles.values()) {
      this.#plane.replaceTile(column, row, before)
    }
    this.#tiles.clear()
  }

  /**
   * Paints the stroke again, over a tile that is another now.
   * @param under the tile without this stroke
   * @returns the tile with it
   */
  repaint(column: number, row: number, under: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const tile = this.#tiles.get(key(column, row))
    if (tile === undefined) return under
    const after = under.slice()
    let changed = false
    for (let at = 0; at < after.length; at++) {
      const label = after[at] as number
      const painted = tile.after[at] as number
      if (tile.before[at] === painted || label === painted || !this.#mayPaint(label)) continue
      after[at] = painted
      changed = true
    }
    tile.before = under
    tile.after = after
    tile.changed = changed
    return this.#ended ? after.slice() : after
  }

  #mayPaint(label: number): boolean {
    return this.#over === undefined || label === this.#over
  }

  #paint(column: number, row: number, first: number, end: number, value = this.#value): void {
    if (!this.#plane.isLoaded(column, row)) this.#awaited.set(key(column, row), [column, row])
    this.#plane.whenLoaded(column, row, () => this.#paintLoaded(column, row, first, end, value))
  }

  #paintLoaded(column: number, row: number, first: number, end: number, value: number): void {
    const tile = this.#changedTile(column, row)
    const { after } = tile
    // What came too late for the stroke's own copy goes into both.
    const shown = this.#plane.writableTile(column, row)
    let [left, right] = [end, first]
    for (let at = first; at < end; at++) {
      const label = after[at] as number
      if (label === value || !this.#mayPaint(label)) continue
      after[at] = value
      shown[at] = value
      if (at < left) left = at
      right = at
    }
    if (left > right) return
    tile.changed = true
    const y = Math.floor(left / SIZE)
    this.#plane.tell(column, row, { x: left - y * SIZE, y, width: right - left + 1, height: 1 })
  }

  #changedTile(column: number, row: number): ChangedTile {
    let tile = this.#tiles.get(key(column, row))
    if (tile === undefined) {
      const shown = this.#plane.writableTile(column, row)
      tile = {
        column,
        row,
        before: shown.slice(),
        after: this.#ended ? shown.slice() : shown,
        changed: false,
      }
      this.#tiles.set(key(column, row), tile)
    }
    return tile
  }
}

/** Erasing where nothing is labelled would do nothing: there the eraser erases everywhere. */
function labelUnder(value: number, rule: PaintRule): number | undefined {
  if (rule.kind === 'class') return rule.value
  return rule.kind === 'unlabelled' && value !== UNLABELLED ? UNLABELLED : undefined
}

function key(column: number, row: number): string {
  return `${column} ${row}`
}
