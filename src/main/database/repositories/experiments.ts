import { randomBytes } from 'node:crypto'
import type { EngineDescription } from '../../../model/engine/engine.ts'
import { SegscopeError } from '../../../model/errors.ts'
import { type Plan, planSchema } from '../../../model/plan/plan.ts'
import type { DatabaseConnection, Statement } from '../connection.ts'
import { fromStoredPath } from '../stored-path.ts'
import type { LabelValues } from './images.ts'

/**
 * 'stopped': the user ended it and its result is kept; 'cancelled': given up; 'interrupted': its process died.
 * The last three and 'failed' can be resumed from the last checkpoint.
 */
export type ExperimentStatus =
  'queued' | 'running' | 'finished' | 'stopped' | 'failed' | 'cancelled' | 'interrupted'

export type Split = 'training' | 'validation'

/** Whatever the user asked for, as JSON can hold it. */
export type ExperimentParameters = Record<string, string | number | boolean | null>

export interface NewExperiment {
  plan: Plan
  parameters: ExperimentParameters
  /** By name: 'segscope', 'onnxruntime', 'node', ... */
  versions: Record<string, string>
  engine: EngineDescription
  /** By the ids of images and label files. */
  images: readonly {
    image: number
    /** The first where undefined. */
    page?: number
    labelFile: number | undefined
    split: Split
  }[]
}

export interface ExperimentSummary {
  id: string
  status: ExperimentStatus
  seed: number
  /** ISO 8601, UTC. */
  created: string
  started: string | undefined
  /** Unknown for an interrupted one. */
  ended: string | undefined
  /** Why it failed. */
  failure: string | undefined
}

export interface Experiment extends ExperimentSummary {
  plan: Plan
  parameters: ExperimentParameters
  versions: Record<string, string>
  engine: EngineDescription
  isDeleted: boolean
}

/** An image as an experiment used it, and where it is now. */
export interface ExperimentImage {
  image: number
  /** From 0. */
  page: number
  path: string
  split: Split
  /** When the experiment was made. */
  imageFingerprint: string
  labelFile: number | undefined
  labelPath: string | undefined
  labelValues: LabelValues | undefined
  labelFingerprint: string | undefined
}

type Nullable<Type> = {
  [Key in keyof Type]: undefined extends Type[Key] ? Exclude<Type[Key], undefined> | null : Type[Key]
}
type SummaryRow = Nullable<ExperimentSummary>
type ExperimentRow = SummaryRow & {
  plan: string
  parameters: string
  versions: string
  engine: string
  deleted: string | null
}

const summaryColumns = 'id, status, seed, created, started, ended, failure'

/** Experiments: one training run each, with all that is needed to understand and repeat it. */
export class ExperimentRepository {
  readonly #connection: DatabaseConnection
  readonly #folder: string
  readonly #insert: Statement<never>
  readonly #insertImage: Statement<never>
  readonly #exists: Statement<{ id: string }>
  readonly #get: Statement<ExperimentRow>
  readonly #list: Statement<SummaryRow>
  readonly #images: Statement<Nullable<ExperimentImage>>
  readonly #start: Statement<never>
  readonly #end: Statement<never>
  readonly #replacePlan: Statement<never>
  readonly #interrupt: Statement<never>

  /** @param folder the project's, absolute */
  constructor(connection: DatabaseConnection, folder: string) {
    this.#connection = connection
    this.#folder = folder
    this.#insert = connection.prepare(`
      INSERT INTO experiments (id, status, seed, plan, parameters, versions, engine, created)
      VALUES (@id, 'queued', @seed, @plan, @parameters, @versions, @engine, @created)`)
    this.#insertImage = connection.prepare(`
      INSERT INTO experiment_images (experiment, image, page, label_file, split, image_fingerprint, label_fingerprint)
      VALUES (@experiment, @image, @page, @labelFile, @split,
        (SELECT fingerprint FROM images WHERE id = @image),
        (SELECT fingerprint FROM label_files WHERE id = @labelFile AND image = @image))`)
    this.#exists = connection.prepare('SELECT id FROM experiments WHERE id = @id')
    this.#get = connection.prepare(
      `SELECT ${summaryColumns}, plan, parameters, versions, engine, deleted FROM experiments WHERE id = @id`,
    )
    this.#list = connection.prepare(
      `SELECT ${summaryColumns} FROM experiments WHERE deleted IS NULL ORDER BY created, id`,
    )
    this.#images = connection.prepare(`
      SELECT used.image, used.page, images.path, used.split, used.image_fingerprint AS imageFingerprint,
        used.label_file AS labelFile, label_files.path AS labelPath, label_files.label_values AS labelValues,
        used.label_fingerprint AS labelFingerprint
      FROM experiment_images AS used
      JOIN images ON images.id = used.image
      LEFT JOIN label_files ON label_files.id = used.label_file
      WHERE used.experiment = @id
      ORDER BY used.split, images.path, used.page`)
    this.#start = connection.prepare(`
      UPDATE experiments SET status = 'running', started = coalesce(started, @now), ended = NULL, failure = NULL
      WHERE id = @id`)
    this.#end = connection.prepare(
      'UPDATE experiments SET status = @status, ended = @now, failure = @failure WHERE id = @id',
    )
    this.#replacePlan = connection.prepare('UPDATE experiments SET plan = @plan, seed = @seed WHERE id = @id')
    this.#interrupt = connection.prepare(
      `UPDATE experiments SET status = 'interrupted' WHERE status = 'running'`,
    )
  }

  /** Keeps a new experiment, queued, and returns its id: the day and four hexadecimal digits. */
  create(experiment: NewExperiment): string {
    return this.#connection.transaction(() => {
      const id = this.#newId()
      this.#insert.run({
        id,
        seed: experiment.plan.seed,
        plan: JSON.stringify(experiment.plan),
        parameters: JSON.stringify(experiment.parameters),
        versions: JSON.stringify(experiment.versions),
        engine: JSON.stringify(experiment.engine),
        created: new Date().toISOString(),
      })
      for (const { image, page = 0, labelFile, split } of experiment.images) {
        this.#insertImage.run({ experiment: id, image, page, labelFile: labelFile ?? null, split })
      }
      return id
    })
  }

  /** For the first time, or again to resume it. */
  start(id: string): void {
    this.#start.run({ id, now: new Date().toISOString() })
  }

  end(id: string, status: 'finished' | 'stopped' | 'cancelled'): void {
    this.#end.run({ id, status, now: new Date().toISOString(), failure: null })
  }

  /** @param failure what went wrong, for the user */
  fail(id: string, failure: string): void {
    this.#end.run({ id, status: 'failed', now: new Date().toISOString(), failure })
  }

  /** For what is decided once training has begun, such as the number of steps that fit a time budget. */
  replacePlan(id: string, plan: Plan): void {
    this.#replacePlan.run({ id, plan: JSON.stringify(plan), seed: plan.seed })
  }

  /** For the project's new owner: what still runs by the database was left by a process that died. */
  interruptRunning(): void {
    this.#interrupt.run()
  }

  /** Those that are not deleted, oldest first. */
  list(): ExperimentSummary[] {
    return this.#list.all().map(withoutNulls)
  }

  /**
   * Deleted ones too: checkpoints and results refer to them.
   * @throws SegscopeError `experiment-not-found`, `experiment-unreadable`
   */
  get(id: string): Experiment {
    const row = this.#get.get({ id })
    if (row === undefined) {
      const known = this.#list.all().map((summary) => summary.id)
      throw new SegscopeError('experiment-not-found', `The project has no experiment ${id}.`, {
        remedy:
          known.length === 0 ? 'It has none yet: train first.' : `It has ${known.slice(-10).join(', ')}.`,
      })
    }
    const plan = planSchema.safeParse(JSON.parse(row.plan))
    if (!plan.success) {
      throw new SegscopeError(
        'experiment-unreadable',
        `The plan of experiment ${id} is not one that this Segscope understands: ${plan.error.message}`,
        { file: this.#connection.file, cause: plan.error },
      )
    }
    return {
      ...withoutNulls(row),
      plan: plan.data,
      parameters: JSON.parse(row.parameters) as ExperimentParameters,
      versions: JSON.parse(row.versions) as Record<string, string>,
      engine: JSON.parse(row.engine) as EngineDescription,
      isDeleted: row.deleted !== null,
    }
  }

  /** In the order of split, path and page. */
  images(id: string): ExperimentImage[] {
    return this.#images.all({ id }).map((row) => ({
      ...row,
      path: fromStoredPath(this.#folder, row.path),
      labelFile: row.labelFile ?? undefined,
      labelPath: row.labelPath === null ? undefined : fromStoredPath(this.#folder, row.labelPath),
      labelValues: row.labelValues ?? undefined,
      labelFingerprint: row.labelFingerprint ?? undefined,
    }))
  }

  #newId(): string {
    const now = new Date()
    const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) =>
      String(part).padStart(2, '0'),
    )
    let id: string
    do id = [...day, randomBytes(2).toString('hex')].join('-')
    while (this.#exists.get({ id }) !== undefined)
    return id
  }
}

function withoutNulls(row: SummaryRow): ExperimentSummary {
  const { id, status, seed, created } = row
  return {
    id,
    status,
    seed,
    created,
    started: row.started ?? undefined,
    ended: row.ended ?? undefined,
    failure: row.failure ?? undefined,
  }
}
