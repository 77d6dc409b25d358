import type { DatabaseConnection, Statement } from '../connection.ts'
import { fromStoredPath, toStoredPath } from '../stored-path.ts'

/** 'interrupted': the application died meanwhile. All but the first two go on when they are started again. */
export type ResultState = 'running' | 'finished' | 'stopped' | 'failed' | 'interrupted'
export type Verdict = 'unseen' | 'accepted' | 'rejected'

export interface NewResult {
  checkpoint: string
  /** Absolute. */
  outFolder: string
  /** What was asked for, as JSON. */
  request: string
  /** Of the network: a label map's value is the place of its class. */
  classNames: readonly string[]
  /** Images that were asked for. */
  total: number
}

export interface ResultRecord extends NewResult {
  id: number
  state: ResultState
  /** ISO 8601, UTC. */
  created: string
  updated: string
  /** Images by what a person said of them. */
  unseen: number
  accepted: number
  rejected: number
}

export interface NewResultImage {
  /** Absolute. */
  path: string
  /** The label map; absolute. */
  labels: string
  /** Whether it was made now, or found as an earlier run left it. */
  made: boolean
}

export interface ResultImageRecord {
  id: number
  result: number
  /** Undefined where the project does not have the image. */
  image: number | undefined
  path: string
  labels: string
  verdict: Verdict
  /** ISO 8601, UTC. */
  segmented: string
}

type ResultRow = Omit<ResultRecord, 'classNames'> & { classNames: string }
type ImageRow = Omit<ResultImageRecord, 'image'> & { image: number | null }

// An image that joined the project after it was segmented is known by its path.
const imageColumns = `result_images.id, result, coalesce(result_images.image, images.id) AS image,
  result_images.path, labels, verdict, segmented`
const withImages = `FROM result_images
  LEFT JOIN images ON result_images.image IS NULL AND images.path = result_images.path`

/** The database's knowledge of the label maps that segmentations made. */
export class ResultRepository {
  readonly #connection: DatabaseConnection
  readonly #folder: string
  readonly #save: Statement<{ id: number }>
  readonly #saveImage: Statement<never>
  readonly #forgetOtherMaps: Statement<never>
  readonly #imageAt: Statement<{ id: number }>
  readonly #setState: Statement<never>
  readonly #setRequest: Statement<never>
  readonly #setVerdict: Statement<never>
  readonly #forget: Statement<never>
  readonly #interrupt: Statement<never>
  readonly #all: Statement<ResultRow>
  readonly #byId: Statement<ResultRow>
  readonly #madeWith: Statement<{ id: number }>
  readonly #images: Statement<ImageRow>
  readonly #image: Statement<ImageRow>

  /** @param folder the project's, absolute */
  constructor(connection: DatabaseConnection, folder: string) {
    this.#connection = connection
    this.#folder = folder
    this.#save = connection.prepare(`
      INSERT INTO results (checkpoint, out_folder, request, class_names, state, total, created, updated)
      VALUES (@checkpoint, @outFolder, @request, @classNames, 'running', @total, @now, @now)
      ON CONFLICT (checkpoint, out_folder) DO UPDATE SET request = excluded.request,
        class_names = excluded.class_names, state = 'running', total = excluded.total, updated = excluded.updated
      RETURNING id`)
    // A label map has one origin: another result that wrote it before has lost it. What is made anew is to be seen anew.
    this.#saveImage = connection.prepare(`
      INSERT INTO result_images (result, image, path, labels, segmented)
      VALUES (@result, @image, @path, @labels, @now)
      ON CONFLICT (labels) DO UPDATE SET image = excluded.image, path = excluded.path,
        verdict = CASE WHEN @made OR result <> excluded.result THEN 'unseen' ELSE verdict END,
        segmented = CASE WHEN @made OR result <> excluded.result THEN excluded.segmented ELSE segmented END,
        result = excluded.result`)
    // Names in the folder follow from all images together: with others, an image's result may be named anew.
    this.#forgetOtherMaps = connection.prepare(
      'DELETE FROM result_images WHERE result = @result AND path = @path AND labels <> @labels',
    )
    this.#imageAt = connection.prepare('SELECT id FROM images WHERE path = @path')
    this.#setState = connection.prepare('UPDATE results SET state = @state, updated = @now WHERE id = @id')
    this.#setRequest = connection.prepare('UPDATE results SET request = @request WHERE id = @id')
    this.#setVerdict = connection.prepare('UPDATE result_images SET verdict = @verdict WHERE id = @id')
    this.#forget = connection.prepare('DELETE FROM results WHERE id = @id')
    this.#interrupt = connection.prepare(`UPDATE results SET state = 'interrupted' WHERE state = 'running'`)
    const results = (where: string): string => `
      SELECT results.id, checkpoint, out_folder AS outFolder, request, class_names AS classNames, state, total,
        created, updated,
        count(*) FILTER (WHERE verdict = 'unseen') AS unseen,
        count(*) FILTER (WHERE verdict = 'accepted') AS accepted,
        count(*) FILTER (WHERE verdict = 'rejected') AS rejected
      FROM results LEFT JOIN result_images ON result_images.result = results.id
      ${where} GROUP BY results.id ORDER BY updated DESC, results.id DESC`
    this.#all = connection.prepare(results(''))
    this.#byId = connection.prepare(results('WHERE results.id = @id'))
    this.#madeWith = connection.prepare(
      'SELECT id FROM results WHERE checkpoint = @checkpoint ORDER BY updated DESC, id DESC',
    )
    this.#images = connection.prepare(`SELECT ${imageColumns} ${withImages} WHERE result = @result`)
    this.#image = connection.prepare(`SELECT ${imageColumns} ${withImages} WHERE result_images.id = @id`)
  }

  /** Keeps a result that is being made; one of the same checkpoint in the same folder goes on. Returns its id. */
  begin({ checkpoint, outFolder, request, classNames, total }: NewResult): number {
    const saved = this.#save.get({
      checkpoint,
      outFolder: toStoredPath(this.#folder, outFolder),
      request,
      classNames: JSON.stringify(classNames),
      total,
      now: new Date().toISOString(),
    })
    return (saved as { id: number }).id
  }

  /** In one transaction, which waits for the disk. */
  addImages(result: number, images: readonly NewResultImage[]): void {
    const now = new Date().toISOString()
    this.#connection.transaction(() => {
      for (const { path, labels, made } of images) {
        const stored = toStoredPath(this.#folder, path)
        const map = toStoredPath(this.#folder, labels)
        this.#forgetOtherMaps.run({ result, path: stored, labels: map })
        this.#saveImage.run({
          result,
          image: this.#imageAt.get({ path: stored })?.id ?? null,
          path: stored,
          labels: map,
          made: made ? 1 : 0,
          now,
        })
      }
    })
  }

  setState(id: number, state: ResultState): void {
    this.#setState.run({ id, state, now: new Date().toISOString() })
  }

  /** @param request as JSON */
  setRequest(id: number, request: string): void {
    this.#setRequest.run({ id, request })
  }

  setVerdicts(ids: readonly number[], verdict: Verdict): void {
    this.#connection.transaction(() => {
      for (const id of ids) this.#setVerdict.run({ id, verdict })
    })
  }

  /** Takes a result off the list; its files stay. */
  forget(id: number): void {
    this.#forget.run({ id })
  }

  /** For the project's new owner: what still runs by the database was left by a process that died. */
  interruptRunning(): void {
    this.#interrupt.run({})
  }

  /** Those worked on last come first. */
  all(): ResultRecord[] {
    return this.#all.all().map((row) => this.#record(row))
  }

  /** The ids of what a checkpoint made, the latest first. */
  madeWith(checkpoint: string): number[] {
    return this.#madeWith.all({ checkpoint }).map(({ id }) => id)
  }

  find(id: number): ResultRecord | undefined {
    const row = this.#byId.get({ id })
    return row && this.#record(row)
  }

  images(result: number): ResultImageRecord[] {
    return this.#images.all({ result }).map((row) => this.#imageRecord(row))
  }

  findImage(id: number): ResultImageRecord | undefined {
    const row = this.#image.get({ id })
    return row && this.#imageRecord(row)
  }

  #record(row: ResultRow): ResultRecord {
    return {
      ...row,
      outFolder: fromStoredPath(this.#folder, row.outFolder),
      classNames: JSON.parse(row.classNames) as string[],
    }
  }

  #imageRecord(row: ImageRow): ResultImageRecord {
    return {
      ...row,
      image: row.image ?? undefined,
      path: fromStoredPath(this.#folder, row.path),
      labels: fromStoredPath(this.#folder, row.labels),
    }
  }
}
