import type { Scores } from '../../../model/training/events.ts'
import type { DatabaseConnection, Statement } from '../connection.ts'
import { fromStoredPath, toStoredPath } from '../stored-path.ts'

export type CheckpointKind = 'best' | 'last' | 'imported'

export interface NewCheckpoint {
  /** Absolute. */
  file: string
  /** Training steps behind these weights. */
  step: number
  /** On the validation images; undefined where there were none. */
  scores: Scores | undefined
  bytes: number
}

export interface CheckpointRecord extends NewCheckpoint {
  id: string
  /** Undefined for an imported one. */
  experiment: string | undefined
  kind: CheckpointKind
  /** When the file was last written; ISO 8601, UTC. */
  created: string
  name: string | undefined
  starred: boolean
  note: string | undefined
  isDeleted: boolean
}

interface CheckpointRow {
  id: string
  experiment: string | null
  kind: CheckpointKind
  file: string
  step: number
  scores: string | null
  bytes: number
  created: string
  name: string | null
  starred: 0 | 1
  note: string | null
  deleted: string | null
}

/** Trained networks: the database's knowledge of the files in the folder `checkpoints`. */
export class CheckpointRepository {
  readonly #folder: string
  readonly #save: Statement<never>
  readonly #annotate: Statement<never>
  readonly #get: Statement<CheckpointRow>
  readonly #all: Statement<CheckpointRow>

  /** @param folder the project's, absolute */
  constructor(connection: DatabaseConnection, folder: string) {
    this.#folder = folder
    this.#save = connection.prepare(`
      INSERT INTO checkpoints (id, experiment, kind, file, step, scores, bytes, created)
      VALUES (@id, @experiment, @kind, @file, @step, @scores, @bytes, @created)
      ON CONFLICT (id) DO UPDATE SET file = excluded.file, step = excluded.step, scores = excluded.scores,
        bytes = excluded.bytes, created = excluded.created, deleted = NULL, purged = 0`)
    this.#annotate = connection.prepare(
      'UPDATE checkpoints SET name = @name, starred = @starred, note = @note WHERE id = @id',
    )
    const columns = 'id, experiment, kind, file, step, scores, bytes, created, name, starred, note, deleted'
    this.#get = connection.prepare(`SELECT ${columns} FROM checkpoints WHERE id = @id`)
    this.#all = connection.prepare(
      `SELECT ${columns} FROM checkpoints WHERE deleted IS NULL
       ORDER BY MAX(created) OVER (PARTITION BY COALESCE(experiment, id)) DESC, COALESCE(experiment, id) DESC, kind`,
    )
  }

  /**
   * Records that an experiment's best or last checkpoint was written, and returns its id, `<experiment>-<kind>`.
   * To be called once the file is in place; an earlier one of the same kind is replaced, its name and note stay.
   */
  saveTrained(experiment: string, kind: 'best' | 'last', checkpoint: NewCheckpoint): string {
    const id = `${experiment}-${kind}`
    this.#write(id, experiment, kind, checkpoint)
    return id
  }

  /** @param id as the user will call it; an earlier import of this id is replaced */
  saveImported(id: string, checkpoint: NewCheckpoint): void {
    this.#write(id, null, 'imported', checkpoint)
  }

  annotate(
    id: string,
    annotation: { name: string | undefined; starred: boolean; note: string | undefined },
  ): void {
    this.#annotate.run({
      id,
      name: annotation.name ?? null,
      starred: annotation.starred ? 1 : 0,
      note: annotation.note ?? null,
    })
  }

  /** A deleted one too: results tell what they were made with. */
  find(id: string): CheckpointRecord | undefined {
    const row = this.#get.get({ id })
    return row && this.#record(row)
  }

  /** Those that are not deleted, newest first; of one experiment the best before the last. */
  all(): CheckpointRecord[] {
    return this.#all.all().map((row) => this.#record(row))
  }

  #write(id: string, experiment: string | null, kind: CheckpointKind, checkpoint: NewCheckpoint): void {
    this.#save.run({
      id,
      experiment,
      kind,
      file: toStoredPath(this.#folder, checkpoint.file),
      step: checkpoint.step,
      scores: checkpoint.scores === undefined ? null : JSON.stringify(checkpoint.scores),
      bytes: checkpoint.bytes,
      created: new Date().toISOString(),
    })
  }

  #record({ deleted, ...row }: CheckpointRow): CheckpointRecord {
    return {
      ...row,
      isDeleted: deleted !== null,
      experiment: row.experiment ?? undefined,
      file: fromStoredPath(this.#folder, row.file),
      scores: row.scores === null ? undefined : parseScores(row.scores),
      name: row.name ?? undefined,
      starred: row.starred === 1,
      note: row.note ?? undefined,
    }
  }
}

/** JSON writes NaN (a class that is nowhere) as null. */
function parseScores(json: string): Scores {
  const scores = JSON.parse(json) as { dice: (number | null)[]; iou: (number | null)[] }
  return { dice: scores.dice.map((value) => value ?? NaN), iou: scores.iou.map((value) => value ?? NaN) }
}
