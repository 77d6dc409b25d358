import { SegscopeError } from '../../model/errors.ts'
import { UNLABELLED } from '../../model/images/label-map.ts'
import { LABEL_TILE_SIZE, type LabelTile, type LabelTiles } from '../../preload/contract/label-tiles.ts'
import type { LabelChange, LabelState, Plane } from '../../preload/contract/labels.ts'
import type { LabelMapRecord, StoredTile, TilePlace } from '../database/repositories/labels.ts'
import type { Project } from './project.ts'

const VALUES = LABEL_TILE_SIZE * LABEL_TILE_SIZE
/** What a stroke changes of a tile that it leaves as it was. */
const nothing = new Uint8Array(VALUES)

/**
 * The labels that people paint. Every change is a stroke: one transaction with the tiles that it changed, what it
 * changed (before XOR after, so that the same bytes take it back and bring it back), the counts and the revision.
 */
export class LabelStore {
  readonly #project: Project

  constructor(project: Project) {
    this.#project = project
  }

  state(plane: Plane): LabelState {
    this.size(plane)
    const map = this.#labels.find(plane.image, plane.page)
    if (map === undefined) return { revision: 0, undo: 0, redo: 0, pixels: [] }
    return this.#stateOf(map)
  }

  /**
   * The plane's stored tiles within a range of tiles, both ends included.
   * @throws SegscopeError `image-unknown`
   */
  tiles(
    plane: Plane,
    columns: readonly [first: number, last: number] = [0, Number.MAX_SAFE_INTEGER],
    rows: readonly [first: number, last: number] = [0, Number.MAX_SAFE_INTEGER],
  ): { revision: number; tiles: StoredTile[] } {
    this.size(plane)
    const map = this.#labels.find(plane.image, plane.page)
    if (map === undefined) return { revision: 0, tiles: [] }
    return { revision: map.revision, tiles: this.#labels.tiles(map.id, columns, rows) }
  }

  /**
   * Keeps a stroke: when this returns, it is on disk. What was taken back before it is forgotten.
   * @param stroke the tiles as they are after it, and the revision that it was painted on
   * @throws SegscopeError `labels-changed` where the labels are not those that it was painted on; `label-class-unknown`,
   *   `label-tile-outside` and `image-unknown` where it cannot be meant
   */
  paint(plane: Plane, stroke: LabelTiles): LabelState {
    const { width, height } = this.size(plane)
    const known = new Uint8Array(UNLABELLED)
    for (const { value } of this.#project.information.classes()) known[value] = 1
    for (const tile of stroke.tiles) checkTile(tile, width, height, known)
    return this.#project.transaction(() => {
      const map = this.#labels.findOrCreate(plane.image, plane.page)
      if (map.revision !== stroke.revision) {
        throw new SegscopeError(
          'labels-changed',
          `The labels of this image were changed elsewhere: they are at revision ${map.revision}, the stroke was painted on ${stroke.revision}.`,
          { remedy: 'Open the image again, and paint the stroke once more.' },
        )
      }
      const changes: StoredTile[] = []
      const counts = this.#countsOf(map)
      for (const tile of stroke.tiles) {
        const before = this.#labels.tile(map.id, tile)?.values ?? new Uint8Array(VALUES).fill(UNLABELLED)
        const change = exclusiveOr(before, tile.values)
        if (Buffer.from(change.buffer).equals(nothing)) continue
        this.#replaceTile(map, tile, before, tile.values, counts)
        changes.push({ column: tile.column, row: tile.row, values: change })
      }
      if (changes.length === 0) return this.#stateOf(map)
      this.#labels.forgetUndoneStrokes(map.id)
      this.#labels.addStroke(map.id, changes)
      return this.#finish(map, counts)
    })
  }

  /** Takes the newest stroke back. Where there is none, nothing changes. */
  undo(plane: Plane): LabelChange {
    return this.#turn(plane, (map) => this.#labels.newestDoneStroke(map.id), true)
  }

  /** Brings the stroke back that was last taken back. */
  redo(plane: Plane): LabelChange {
    return this.#turn(plane, (map) => this.#labels.oldestUndoneStroke(map.id), false)
  }

  /**
   * Drops all labels of a class. The history of the planes that had some ends there: it would bring the class back.
   * @returns the planes that changed
   */
  removeClass(value: number): LabelMapRecord[] {
    return this.#project.transaction(() =>
      this.#labels.mapsWithClass(value).map((map) => {
        const counts = this.#countsOf(map)
        for (const tile of this.#labels.tiles(map.id, all, all)) {
          const after = tile.values.map((label) => (label === value ? UNLABELLED : label))
          this.#replaceTile(map, tile, tile.values, after, counts)
        }
        this.#labels.forgetStrokes(map.id)
        const { revision } = this.#finish(map, counts)
        return { ...map, revision }
      }),
    )
  }

  get #labels() {
    return this.#project.labels
  }

  #turn(plane: Plane, strokeOf: (map: LabelMapRecord) => number | undefined, undone: boolean): LabelChange {
    this.size(plane)
    return this.#project.transaction(() => {
      const map = this.#labels.findOrCreate(plane.image, plane.page)
      const stroke = strokeOf(map)
      if (stroke === undefined) return { ...this.#stateOf(map), tiles: [] }
      const counts = this.#countsOf(map)
      const tiles = this.#labels.strokeTiles(stroke).map((change): [column: number, row: number] => {
        const before = this.#labels.tile(map.id, change)?.values ?? new Uint8Array(VALUES).fill(UNLABELLED)
        this.#replaceTile(map, change, before, exclusiveOr(before, change.values), counts)
        return [change.column, change.row]
      })
      this.#labels.setUndone(stroke, undone)
      return { ...this.#finish(map, counts), tiles }
    })
  }

  /** @param counts of the whole plane, brought up to date */
  #replaceTile(
    map: LabelMapRecord,
    { column, row }: TilePlace,
    before: Uint8Array,
    after: Uint8Array,
    counts: Float64Array,
  ): void {
    for (let at = 0; at < VALUES; at++) {
      const [from, to] = [before[at] as number, after[at] as number]
      if (from === to) continue
      counts[from] = (counts[from] as number) - 1
      counts[to] = (counts[to] as number) + 1
    }
    this.#labels.saveTile(map.id, { column, row, values: after })
  }

  #countsOf(map: LabelMapRecord): Float64Array {
    const counts = new Float64Array(256)
    for (const { value, pixels } of this.#labels.counts(map.id)) counts[value] = pixels
    return counts
  }

  #finish(map: LabelMapRecord, counts: Float64Array): LabelState {
    const labelled = Array.from(counts.subarray(0, UNLABELLED), (pixels, value) => ({ value, pixels }))
    this.#labels.saveCounts(
      map.id,
      labelled.filter(({ pixels }) => pixels > 0),
    )
    this.#labels.setRevision(map.id, map.revision + 1)
    return this.#stateOf({ ...map, revision: map.revision + 1 })
  }

  #stateOf({ id, revision }: LabelMapRecord): LabelState {
    return { revision, ...this.#labels.strokeCounts(id), pixels: this.#labels.counts(id) }
  }

  /** In pixels. @throws SegscopeError `image-unknown` */
  size({ image, page }: Plane): { width: number; height: number } {
    const found = this.#project.images.find(image)
    if (found === undefined || page >= found.pages) {
      throw new SegscopeError('image-unknown', `The project has no image ${image} with a page ${page + 1}.`, {
        remedy: 'It was removed; go back to the images.',
      })
    }
    return found
  }
}

const all = [0, Number.MAX_SAFE_INTEGER] as const

function exclusiveOr(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  // Four labels at a time: this runs for every tile of every stroke.
  const [first, second] = [words(one), words(other)]
  const result = new Uint32Array(first.length)
  for (let at = 0; at < result.length; at++) result[at] = (first[at] as number) ^ (second[at] as number)
  return new Uint8Array(result.buffer)
}

/** @param bytes as many as fill whole words */
function words(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % Uint32Array.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice()
  return new Uint32Array(aligned.buffer, aligned.byteOffset, VALUES / Uint32Array.BYTES_PER_ELEMENT)
}

/**
 * Labels beyond the image's edge would be counted, and never seen.
 * @param classes 1 for the values that the project has
 */
function checkTile(tile: LabelTile, width: number, height: number, classes: Uint8Array): void {
  const columns = Math.min(LABEL_TILE_SIZE, width - tile.column * LABEL_TILE_SIZE)
  const rows = Math.min(LABEL_TILE_SIZE, height - tile.row * LABEL_TILE_SIZE)
  const outside = () =>
    new SegscopeError('label-tile-outside', 'The stroke reaches beyond the image.', {
      remedy: 'Open the image again.',
    })
  if (columns <= 0 || rows <= 0) throw outside()
  for (let at = 0; at < VALUES; at++) {
    const value = tile.values[at] as number
    if (value === UNLABELLED) continue
    if (at % LABEL_TILE_SIZE >= columns || at >= rows * LABEL_TILE_SIZE) throw outside()
    if (classes[value] !== 1) {
      throw new SegscopeError(
        'label-class-unknown',
        `The stroke paints class ${value}, which the project does not have.`,
        {
          remedy: 'Choose a class that is there.',
        },
      )
    }
  }
}
