import type { SampleType } from '../../../model/images/image-source.ts'
import type { DatabaseConnection, Statement } from '../connection.ts'
import { fromStoredPath, toStoredPath } from '../stored-path.ts'

/** What the values of a label file stand for (see the command line's `--label-values`). */
export type LabelValues = 'classes' | 'binary' | 'zero-unlabelled'

export interface ImageFile {
  /** Absolute. */
  path: string
  /** Of the content, see `src/main/services/content-fingerprint.ts`. */
  fingerprint: string
  width: number
  height: number
  channels: number
  pages: number
  sampleType: SampleType
}

/** Whether training learns from an image or only measures itself on it; 'automatic': the seed decides. */
export type Split = 'automatic' | 'training' | 'validation'

export interface ImageRecord extends ImageFile {
  id: number
  /** The file was not there when it was last looked for. */
  missing: boolean
  split: Split
  /** ISO 8601, UTC. */
  added: string
}

export interface LabelFile {
  /** Absolute. */
  path: string
  labelValues: LabelValues
  fingerprint: string
}

export interface LabelFileRecord extends LabelFile {
  id: number
  image: number
}

type ImageRow = Omit<ImageRecord, 'missing'> & { missing: 0 | 1 }

const imageColumns =
  'id, path, fingerprint, width, height, channels, pages, sample_type AS sampleType, missing, split, added'
const labelColumns = 'id, image, path, label_values AS labelValues, fingerprint'

/** The images of a project and their label files, by path and by content. */
export class ImageRepository {
  readonly #folder: string
  readonly #save: Statement<Pick<ImageRecord, 'id' | 'split' | 'added'>>
  readonly #move: Statement<never>
  readonly #setMissing: Statement<never>
  readonly #setSplit: Statement<never>
  readonly #remove: Statement<never>
  readonly #all: Statement<ImageRow>
  readonly #count: Statement<{ images: number }>
  readonly #byId: Statement<ImageRow>
  readonly #byPath: Statement<ImageRow>
  readonly #byContent: Statement<ImageRow>
  readonly #saveLabels: Statement<{ id: number }>
  readonly #labels: Statement<LabelFileRecord>

  /** @param folder the project's, absolute */
  constructor(connection: DatabaseConnection, folder: string) {
    this.#folder = folder
    this.#save = connection.prepare(`
      INSERT INTO images (path, fingerprint, width, height, channels, pages, sample_type, added)
      VALUES (@path, @fingerprint, @width, @height, @channels, @pages, @sampleType, @added)
      ON CONFLICT (path) DO UPDATE SET fingerprint = excluded.fingerprint, width = excluded.width,
        height = excluded.height, channels = excluded.channels, pages = excluded.pages,
        sample_type = excluded.sample_type, missing = 0
      RETURNING id, split, added`)
    this.#move = connection.prepare('UPDATE images SET path = @path, missing = 0 WHERE id = @id')
    this.#setMissing = connection.prepare('UPDATE images SET missing = @missing WHERE id = @id')
    this.#setSplit = connection.prepare('UPDATE images SET split = @split WHERE id = @id')
    this.#remove = connection.prepare('DELETE FROM images WHERE id = @id')
    this.#byId = connection.prepare(`SELECT ${imageColumns} FROM images WHERE id = @id`)
    this.#all = connection.prepare(`SELECT ${imageColumns} FROM images ORDER BY path`)
    this.#count = connection.prepare('SELECT count(*) AS images FROM images')
    this.#byPath = connection.prepare(`SELECT ${imageColumns} FROM images WHERE path = @path`)
    this.#byContent = connection.prepare(
      // What is chosen in a file follows its fingerprint after a question mark; next comes @ in ASCII.
      `SELECT ${imageColumns} FROM images WHERE fingerprint = @content
        OR (fingerprint >= @content || '?' AND fingerprint < @content || '@') ORDER BY id`,
    )
    this.#saveLabels = connection.prepare(`
      INSERT INTO label_files (image, path, label_values, fingerprint)
      VALUES (@image, @path, @labelValues, @fingerprint)
      ON CONFLICT (image, path) DO UPDATE SET label_values = excluded.label_values, fingerprint = excluded.fingerprint
      RETURNING id`)
    this.#labels = connection.prepare(
      `SELECT ${labelColumns} FROM label_files WHERE image = @image ORDER BY id`,
    )
  }

  /** Adds an image, or brings what is known of the one at this path up to date. */
  save(image: ImageFile): ImageRecord {
    const { fingerprint, width, height, channels, pages, sampleType } = image
    const saved = this.#save.get({
      path: toStoredPath(this.#folder, image.path),
      fingerprint,
      width,
      height,
      channels,
      pages,
      sampleType,
      added: new Date().toISOString(),
    }) as Pick<ImageRecord, 'id' | 'split' | 'added'>
    return { ...image, ...saved, missing: false }
  }

  /** The same image is now found at another path. */
  move(id: number, path: string): void {
    this.#move.run({ id, path: toStoredPath(this.#folder, path) })
  }

  setMissing(id: number, missing: boolean): void {
    this.#setMissing.run({ id, missing: missing ? 1 : 0 })
  }

  setSplit(id: number, split: Split): void {
    this.#setSplit.run({ id, split })
  }

  /** With its labels. */
  remove(id: number): void {
    this.#remove.run({ id })
  }

  find(id: number): ImageRecord | undefined {
    const row = this.#byId.get({ id })
    return row && this.#record(row)
  }

  all(): ImageRecord[] {
    return this.#all.all().map((row) => this.#record(row))
  }

  count(): number {
    return (this.#count.get() as { images: number }).images
  }

  findByPath(path: string): ImageRecord | undefined {
    const row = this.#byPath.get({ path: toStoredPath(this.#folder, path) })
    return row && this.#record(row)
  }

  /** Those whose file has this content, whatever is chosen in it. */
  findByContent(content: string): ImageRecord[] {
    return this.#byContent.all({ content }).map((row) => this.#record(row))
  }

  /** Adds a label file of an image, or brings it up to date; an image may have several, from several people. */
  saveLabels(image: number, labels: LabelFile): LabelFileRecord {
    const { labelValues, fingerprint } = labels
    const path = toStoredPath(this.#folder, labels.path)
    const { id } = this.#saveLabels.get({ image, path, labelValues, fingerprint }) as { id: number }
    return { ...labels, id, image }
  }

  labelsOf(image: number): LabelFileRecord[] {
    return this.#labels
      .all({ image })
      .map((row) => ({ ...row, path: fromStoredPath(this.#folder, row.path) }))
  }

  #record(row: ImageRow): ImageRecord {
    return { ...row, path: fromStoredPath(this.#folder, row.path), missing: row.missing === 1 }
  }
}
