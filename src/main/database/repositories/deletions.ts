import type { DatabaseConnection, Statement } from '../connection.ts'

/** What can be deleted. */
export interface DeletedItem {
  kind: 'experiment' | 'checkpoint'
  id: string
}

/** What is deleted and can still be brought back. */
export interface Deletion extends DeletedItem {
  /** ISO 8601, UTC. */
  deleted: string
}

/**
 * Which experiments and checkpoints are deleted, and which are purged. An experiment takes its checkpoints along: they bear
 * its own time of deletion.
 */
export class DeletionRepository {
  readonly #connection: DatabaseConnection
  readonly #list: Statement<Deletion>
  readonly #purged: Statement<DeletedItem>
  readonly #statements: Record<DeletedItem['kind'], Record<'mark' | 'restore' | 'purge', Statement<never>[]>>

  constructor(connection: DatabaseConnection) {
    this.#connection = connection
    const prepare = (...texts: string[]): Statement<never>[] => texts.map((text) => connection.prepare(text))
    this.#statements = {
      experiment: {
        mark: prepare(
          'UPDATE experiments SET deleted = @now WHERE id = @id AND deleted IS NULL',
          'UPDATE checkpoints SET deleted = @now WHERE experiment = @id AND deleted IS NULL',
        ),
        restore: prepare(
          `UPDATE checkpoints SET deleted = NULL WHERE experiment = @id AND purged = 0
             AND deleted = (SELECT deleted FROM experiments WHERE id = @id AND purged = 0)`,
          'UPDATE experiments SET deleted = NULL WHERE id = @id AND purged = 0',
        ),
        purge: prepare(
          'UPDATE experiments SET purged = 1 WHERE id = @id AND deleted IS NOT NULL',
          `UPDATE checkpoints SET purged = 1, deleted = coalesce(deleted, @now)
             WHERE experiment = (SELECT id FROM experiments WHERE id = @id AND purged = 1)`,
          'DELETE FROM step_metrics WHERE experiment = (SELECT id FROM experiments WHERE id = @id AND purged = 1)',
          'DELETE FROM validations WHERE experiment = (SELECT id FROM experiments WHERE id = @id AND purged = 1)',
          'DELETE FROM experiment_images WHERE experiment = (SELECT id FROM experiments WHERE id = @id AND purged = 1)',
        ),
      },
      checkpoint: {
        mark: prepare('UPDATE checkpoints SET deleted = @now WHERE id = @id AND deleted IS NULL'),
        restore: prepare('UPDATE checkpoints SET deleted = NULL WHERE id = @id AND purged = 0'),
        purge: prepare('UPDATE checkpoints SET purged = 1 WHERE id = @id AND deleted IS NOT NULL'),
      },
    }
    this.#list = connection.prepare(`
      SELECT 'experiment' AS kind, id, deleted FROM experiments WHERE deleted IS NOT NULL AND purged = 0
      UNION ALL
      SELECT 'checkpoint', checkpoints.id, checkpoints.deleted FROM checkpoints
        LEFT JOIN experiments ON experiments.id = checkpoints.experiment
        WHERE checkpoints.deleted IS NOT NULL AND checkpoints.purged = 0 AND experiments.deleted IS NULL
      ORDER BY deleted DESC, id`)
    this.#purged = connection.prepare(`
      SELECT 'experiment' AS kind, id FROM experiments WHERE purged = 1
      UNION ALL
      SELECT 'checkpoint', id FROM checkpoints WHERE purged = 1`)
  }

  /** Hides it; what is hidden already keeps its time. */
  mark(item: DeletedItem): void {
    this.#run(item, 'mark')
  }

  /** Brings back what is not purged. */
  restore(item: DeletedItem): void {
    this.#run(item, 'restore')
  }

  /** Ends the chance to bring back what is deleted; an experiment's curves go at once. */
  purge(item: DeletedItem): void {
    this.#run(item, 'purge')
  }

  /** Newest first. Checkpoints that are deleted with their experiment are part of it. */
  list(): Deletion[] {
    return this.#list.all()
  }

  /** Whose files are to be gone. */
  purged(): DeletedItem[] {
    return this.#purged.all()
  }

  #run({ kind, id }: DeletedItem, what: 'mark' | 'restore' | 'purge'): void {
    const now = new Date().toISOString()
    this.#connection.transaction(() => {
      for (const statement of this.#statements[kind][what]) statement.run({ id, now })
    })
  }
}
