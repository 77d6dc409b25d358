import { deflateSync, inflateSync } from 'node:zlib'
import { UNLABELLED } from '../../../model/images/label-map.ts'
import { LABEL_TILE_SIZE } from '../../../preload/contract/label-tiles.ts'
import type { DatabaseConnection, Statement } from '../connection.ts'

const VALUES = LABEL_TILE_SIZE * LABEL_TILE_SIZE
const emptyTile = new Uint8Array(VALUES).fill(UNLABELLED)
/** Labels are runs of few values: more effort makes them hardly smaller, and a stroke waits for it. */
const DEFLATE_LEVEL = 1

export interface TilePlace {
  column: number
  row: number
}

export interface StoredTile extends TilePlace {
  /** `[LABEL_TILE_SIZE, LABEL_TILE_SIZE]`: class values, or UNLABELLED. */
  values: Uint8Array
}

/** Of one plane: one page of one image. */
export interface LabelMapRecord {
  id: number
  image: number
  page: number
  /** Grows by one with every change. */
  revision: number
}

export interface LabelCount {
  value: number
  pixels: number
}

interface TileRow {
  row: number
  column: number
  bytes: Uint8Array
}

/** Labels, as tiles, and the strokes that made them. Whoever changes something wraps it into one transaction. */
export class LabelRepository {
  readonly #find: Statement<LabelMapRecord>
  readonly #insertMap: Statement<LabelMapRecord>
  readonly #setRevision: Statement<never>
  readonly #tiles: Statement<TileRow>
  readonly #tile: Statement<TileRow>
  readonly #saveTile: Statement<never>
  readonly #deleteTile: Statement<never>
  readonly #counts: Statement<LabelCount>
  readonly #deleteCounts: Statement<never>
  readonly #insertCount: Statement<never>
  readonly #insertStroke: Statement<{ id: number }>
  readonly #insertStrokeTile: Statement<never>
  readonly #strokeTiles: Statement<TileRow>
  readonly #setUndone: Statement<never>
  readonly #newestDone: Statement<{ id: number }>
  readonly #oldestUndone: Statement<{ id: number }>
  readonly #forgetUndone: Statement<never>
  readonly #forgetStrokes: Statement<never>
  readonly #strokeCounts: Statement<{ undone: number; strokes: number }>
  readonly #mapsWithClass: Statement<LabelMapRecord>
  readonly #mapsOfImages: Statement<LabelMapRecord>
  readonly #pixelsByImage: Statement<{ image: number; pixels: number }>
  readonly #pixelsOfImage: Statement<{ pixels: number }>

  constructor(connection: DatabaseConnection) {
    const map = 'id, image, page, revision'
    const tile = 'tile_row AS row, tile_column AS column'
    this.#find = connection.prepare(`SELECT ${map} FROM label_maps WHERE image = @image AND page = @page`)
    this.#insertMap = connection.prepare(
      `INSERT INTO label_maps (image, page) VALUES (@image, @page) RETURNING ${map}`,
    )
    this.#setRevision = connection.prepare('UPDATE label_maps SET revision = @revision WHERE id = @map')
    this.#tiles = connection.prepare(`
      SELECT ${tile}, labels AS bytes FROM label_tiles
      WHERE map = @map AND tile_row BETWEEN @firstRow AND @lastRow
        AND tile_column BETWEEN @firstColumn AND @lastColumn`)
    this.#tile = connection.prepare(`
      SELECT ${tile}, labels AS bytes FROM label_tiles
      WHERE map = @map AND tile_row = @row AND tile_column = @column`)
    this.#saveTile = connection.prepare(`
      INSERT INTO label_tiles (map, tile_row, tile_column, labels) VALUES (@map, @row, @column, @labels)
      ON CONFLICT (map, tile_row, tile_column) DO UPDATE SET labels = excluded.labels`)
    this.#deleteTile = connection.prepare(
      'DELETE FROM label_tiles WHERE map = @map AND tile_row = @row AND tile_column = @column',
    )
    this.#counts = connection.prepare(
      'SELECT class AS value, pixels FROM label_counts WHERE map = @map ORDER BY class',
    )
    this.#deleteCounts = connection.prepare('DELETE FROM label_counts WHERE map = @map')
    this.#insertCount = connection.prepare(
      'INSERT INTO label_counts (map, class, pixels) VALUES (@map, @value, @pixels)',
    )
    this.#insertStroke = connection.prepare(
      'INSERT INTO strokes (map, painted) VALUES (@map, @painted) RETURNING id',
    )
    this.#insertStrokeTile = connection.prepare(`
      INSERT INTO stroke_tiles (stroke, tile_row, tile_column, change) VALUES (@stroke, @row, @column, @change)`)
    this.#strokeTiles = connection.prepare(
      `SELECT ${tile}, change AS bytes FROM stroke_tiles WHERE stroke = @stroke`,
    )
    this.#setUndone = connection.prepare('UPDATE strokes SET undone = @undone WHERE id = @stroke')
    this.#newestDone = connection.prepare(
      'SELECT id FROM strokes WHERE map = @map AND undone = 0 ORDER BY id DESC LIMIT 1',
    )
    this.#oldestUndone = connection.prepare(
      'SELECT id FROM strokes WHERE map = @map AND undone = 1 ORDER BY id LIMIT 1',
    )
    this.#forgetUndone = connection.prepare('DELETE FROM strokes WHERE map = @map AND undone = 1')
    this.#forgetStrokes = connection.prepare('DELETE FROM strokes WHERE map = @map')
    this.#strokeCounts = connection.prepare(
      'SELECT undone, count(*) AS strokes FROM strokes WHERE map = @map GROUP BY undone',
    )
    this.#mapsWithClass = connection.prepare(`
      SELECT ${map} FROM label_maps WHERE id IN (SELECT map FROM label_counts WHERE class = @value)
      ORDER BY image, page`)
    this.#mapsOfImages = connection.prepare(`
      SELECT ${map} FROM label_maps WHERE id IN (SELECT map FROM label_counts) ORDER BY image, page`)
    this.#pixelsByImage = connection.prepare(`
      SELECT image, sum(pixels) AS pixels FROM label_counts JOIN label_maps ON label_maps.id = map GROUP BY image`)
    this.#pixelsOfImage = connection.prepare(`
      SELECT coalesce(sum(pixels), 0) AS pixels FROM label_counts JOIN label_maps ON label_maps.id = map
      WHERE image = @image`)
  }

  find(image: number, page: number): LabelMapRecord | undefined {
    return this.#find.get({ image, page })
  }

  findOrCreate(image: number, page: number): LabelMapRecord {
    return this.find(image, page) ?? (this.#insertMap.get({ image, page }) as LabelMapRecord)
  }

  setRevision(map: number, revision: number): void {
    this.#setRevision.run({ map, revision })
  }

  /** The stored tiles within a range, both ends included. What is not stored is unlabelled. */
  tiles(
    map: number,
    columns: readonly [first: number, last: number],
    rows: readonly [first: number, last: number],
  ): StoredTile[] {
    const range = {
      firstColumn: columns[0],
      lastColumn: columns[1],
      firstRow: rows[0],
      lastRow: rows[1],
    }
    return this.#tiles.all({ map, ...range }).map(fromRow)
  }

  tile(map: number, { column, row }: TilePlace): StoredTile | undefined {
    const found = this.#tile.get({ map, column, row })
    return found && fromRow(found)
  }

  /** A tile without a label is not kept. */
  saveTile(map: number, { column, row, values }: StoredTile): void {
    if (Buffer.compare(values, emptyTile) === 0) this.#deleteTile.run({ map, column, row })
    else this.#saveTile.run({ map, column, row, labels: deflate(values) })
  }

  /** Labelled pixels by class; classes without any are left out. */
  counts(map: number): LabelCount[] {
    return this.#counts.all({ map })
  }

  saveCounts(map: number, counts: readonly LabelCount[]): void {
    this.#deleteCounts.run({ map })
    for (const { value, pixels } of counts) this.#insertCount.run({ map, value, pixels })
  }

  /** @param changes of each tile: the labels before XOR the labels after */
  addStroke(map: number, changes: readonly StoredTile[]): void {
    const { id } = this.#insertStroke.get({ map, painted: new Date().toISOString() }) as { id: number }
    for (const { column, row, values } of changes) {
      this.#insertStrokeTile.run({ stroke: id, column, row, change: deflate(values) })
    }
  }

  /** What the stroke changed, as `addStroke` was given it. */
  strokeTiles(stroke: number): StoredTile[] {
    return this.#strokeTiles.all({ stroke }).map(fromRow)
  }

  setUndone(stroke: number, undone: boolean): void {
    this.#setUndone.run({ stroke, undone: undone ? 1 : 0 })
  }

  newestDoneStroke(map: number): number | undefined {
    return this.#newestDone.get({ map })?.id
  }

  oldestUndoneStroke(map: number): number | undefined {
    return this.#oldestUndone.get({ map })?.id
  }

  /** A new stroke takes the place of those that were taken back. */
  forgetUndoneStrokes(map: number): void {
    this.#forgetUndone.run({ map })
  }

  forgetStrokes(map: number): void {
    this.#forgetStrokes.run({ map })
  }

  strokeCounts(map: number): { undo: number; redo: number } {
    const counts = this.#strokeCounts.all({ map })
    const of = (undone: number) => counts.find((count) => count.undone === undone)?.strokes ?? 0
    return { undo: of(0), redo: of(1) }
  }

  mapsWithClass(value: number): LabelMapRecord[] {
    return this.#mapsWithClass.all({ value })
  }

  /** Those with at least one label, by image and page. */
  labelledMaps(): LabelMapRecord[] {
    return this.#mapsOfImages.all()
  }

  /** Labelled pixels of every image that has some, all its pages together. */
  labelledPixels(): Map<number, number> {
    return new Map(this.#pixelsByImage.all().map(({ image, pixels }) => [image, pixels]))
  }

  labelledPixelsOf(image: number): number {
    return (this.#pixelsOfImage.get({ image }) as { pixels: number }).pixels
  }
}

function deflate(values: Uint8Array): Uint8Array {
  return deflateSync(values, { level: DEFLATE_LEVEL })
}

function fromRow({ row, column, bytes }: TileRow): StoredTile {
  const values = inflateSync(bytes, { maxOutputLength: VALUES })
  return { row, column, values: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) }
}
