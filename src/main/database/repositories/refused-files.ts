import type { DatabaseConnection, Statement } from '../connection.ts'
import { fromStoredPath, toStoredPath } from '../stored-path.ts'

/** A file that a person added and that cannot be read as an image. */
export interface RefusedFile {
  /** Absolute. */
  path: string
  /** Of the SegscopeError. */
  code: string
  message: string
  remedy: string | null
}

export interface RefusedFileRecord extends RefusedFile {
  id: number
  /** ISO 8601, UTC. */
  added: string
}

/** Files that were refused, with the reasons, so that nobody has to wonder where they are. */
export class RefusedFileRepository {
  readonly #folder: string
  readonly #save: Statement<never>
  readonly #all: Statement<RefusedFileRecord>
  readonly #remove: Statement<never>
  readonly #removePath: Statement<never>

  /** @param folder the project's, absolute */
  constructor(connection: DatabaseConnection, folder: string) {
    this.#folder = folder
    this.#save = connection.prepare(`
      INSERT INTO refused_files (path, code, message, remedy, added) VALUES (@path, @code, @message, @remedy, @added)
      ON CONFLICT (path) DO UPDATE SET code = excluded.code, message = excluded.message, remedy = excluded.remedy`)
    this.#all = connection.prepare(
      'SELECT id, path, code, message, remedy, added FROM refused_files ORDER BY path',
    )
    this.#remove = connection.prepare('DELETE FROM refused_files WHERE id = @id')
    this.#removePath = connection.prepare('DELETE FROM refused_files WHERE path = @path')
  }

  save({ path, code, message, remedy }: RefusedFile): void {
    const added = new Date().toISOString()
    this.#save.run({ path: toStoredPath(this.#folder, path), code, message, remedy, added })
  }

  all(): RefusedFileRecord[] {
    return this.#all.all().map((row) => ({ ...row, path: fromStoredPath(this.#folder, row.path) }))
  }

  remove(id: number): void {
    this.#remove.run({ id })
  }

  /** The file can be read now. */
  removePath(path: string): void {
    this.#removePath.run({ path: toStoredPath(this.#folder, path) })
  }
}
