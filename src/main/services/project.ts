import { existsSync, mkdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import { removePartialFiles } from '../../model/files/atomic-write.ts'
import type { DatabaseConnection } from '../database/connection.ts'
import { chooseJournal, openDatabase, openDatabaseReadOnly } from '../database/open-database.ts'
import { CheckpointRepository } from '../database/repositories/checkpoints.ts'
import { DeletionRepository } from '../database/repositories/deletions.ts'
import { ExperimentRepository } from '../database/repositories/experiments.ts'
import { ImageRepository } from '../database/repositories/images.ts'
import { JobRepository } from '../database/repositories/jobs.ts'
import { LabelRepository } from '../database/repositories/labels.ts'
import { MetricsRepository } from '../database/repositories/metrics.ts'
import { ProjectInformationRepository } from '../database/repositories/project-information.ts'
import { RefusedFileRepository } from '../database/repositories/refused-files.ts'
import { ResultRepository } from '../database/repositories/results.ts'
import { explainFolderError } from './folder-error.ts'
import { type Door, ProjectLease } from './project-lease.ts'
import { purgeOld } from './purge.ts'

/**
 * A project, opened: a folder with `segscope.db`, `checkpoints/` and `results/`. Images stay where they are; the
 * database knows them by path and content.
 */
export class Project {
  /** Absolute. */
  readonly folder: string
  readonly checkpointsFolder: string
  readonly resultsFolder: string
  readonly information: ProjectInformationRepository
  readonly images: ImageRepository
  readonly refusedFiles: RefusedFileRepository
  readonly labels: LabelRepository
  readonly experiments: ExperimentRepository
  readonly metrics: MetricsRepository
  readonly checkpoints: CheckpointRepository
  readonly deletions: DeletionRepository
  readonly jobs: JobRepository
  readonly results: ResultRepository
  readonly #connection: DatabaseConnection
  readonly #lease: ProjectLease | undefined
  readonly #close = () => this.close()

  /** @param lease undefined for a project that is only read */
  constructor(folder: string, connection: DatabaseConnection, lease: ProjectLease | undefined) {
    this.folder = folder
    this.checkpointsFolder = join(folder, 'checkpoints')
    this.resultsFolder = join(folder, 'results')
    this.information = new ProjectInformationRepository(connection)
    this.images = new ImageRepository(connection, folder)
    this.refusedFiles = new RefusedFileRepository(connection, folder)
    this.labels = new LabelRepository(connection)
    this.experiments = new ExperimentRepository(connection, folder)
    this.metrics = new MetricsRepository(connection)
    this.checkpoints = new CheckpointRepository(connection, folder)
    this.deletions = new DeletionRepository(connection)
    this.jobs = new JobRepository(connection)
    this.results = new ResultRepository(connection, folder)
    this.#connection = connection
    this.#lease = lease
    lease?.lost.addEventListener('abort', () => connection.close(lease.lost.reason as SegscopeError))
    process.once('exit', this.#close)
  }

  get name(): string {
    return this.information.get()?.name ?? basename(this.folder)
  }

  /** Why the database does without its write-ahead log, to be told to the user; undefined where it has one. */
  get withoutLogBecause(): string | undefined {
    return this.#connection.journal.mode === 'delete' ? this.#connection.journal.reason : undefined
  }

  /**
   * Aborts, with a SegscopeError as the reason, when another machine has taken the project over: long work has to
   * stop. The database is closed by then. Undefined for a project that is only read.
   */
  get lost(): AbortSignal | undefined {
    return this.#lease?.lost
  }

  /** All of `work`'s changes or none: what it throws undoes them and goes on to the caller. */
  transaction<Result>(work: () => Result): Result {
    return this.#connection.transaction(work)
  }

  /** Closes the database and gives the project free. Also done when the process exits; closing twice is allowed. */
  close(): void {
    process.off('exit', this.#close)
    this.#connection.close()
    this.#lease?.release()
  }
}

/**
 * Makes a project in a folder, which is made too where it is not there. Other files in it stay untouched.
 * @throws SegscopeError `project-exists`; as `openProject`
 */
export async function createProject(
  folder: string,
  options: { door: Door; name?: string | undefined },
): Promise<Project> {
  makeFolder(resolve(folder))
  return await own(resolve(folder), options.door, (database) => {
    if (existsSync(database)) {
      throw new SegscopeError('project-exists', 'This folder holds a project already.', {
        file: resolve(folder),
        remedy: 'Open it, or choose another folder.',
      })
    }
    return options.name
  })
}

/**
 * Opens a project to work in it. Experiments and jobs that a killed process left running are 'interrupted' then,
 * checkpoints that it left half written are removed, and what was deleted long ago is purged.
 * @throws SegscopeError `project-not-found`; `project-in-use` with who holds it; `not-a-folder`,
 *   `folder-not-writable`; and where the database cannot be used, see `openDatabase`
 */
export async function openProject(folder: string, options: { door: Door }): Promise<Project> {
  checkIsProject(resolve(folder))
  return await own(resolve(folder), options.door, () => undefined)
}

/** Opens the project in the folder, or makes one. Throws as `createProject` and `openProject` do. */
export async function openOrCreateProject(
  folder: string,
  options: { door: Door; name?: string | undefined },
): Promise<Project> {
  makeFolder(resolve(folder))
  return await own(resolve(folder), options.door, () => options.name)
}

/**
 * Opens a project to read it, also while another process works in it, and on a medium that cannot be written.
 * A database of an older Segscope is brought up to date first, for which nobody else may have the project open.
 * @throws SegscopeError as `openProject`; writing to it throws `database-read-only`
 */
export async function openProjectReadOnly(folder: string, options: { door: Door }): Promise<Project> {
  const absolute = resolve(folder)
  checkIsProject(absolute)
  const database = join(absolute, databaseName)
  try {
    return new Project(absolute, openDatabaseReadOnly(database), undefined)
  } catch (thrown) {
    if (!(thrown instanceof SegscopeError && thrown.code === 'database-outdated')) throw thrown
    const owned = await openProject(absolute, options)
    owned.close()
    return new Project(absolute, openDatabaseReadOnly(database), undefined)
  }
}

export function isProjectFolder(folder: string): boolean {
  return existsSync(join(folder, databaseName))
}

const databaseName = 'segscope.db'
const leaseName = 'segscope.lock'

/** @param nameFor looks at the database's place under the lease and returns the name that a new project gets */
async function own(
  folder: string,
  door: Door,
  nameFor: (database: string) => string | undefined,
): Promise<Project> {
  const lease = await ProjectLease.acquire(join(folder, leaseName), door)
  let connection: DatabaseConnection | undefined
  try {
    const database = join(folder, databaseName)
    const name = nameFor(database) ?? basename(folder)
    connection = openDatabase(database, chooseJournal(folder))
    const project = new Project(folder, connection, lease)
    makeFolder(project.checkpointsFolder)
    makeFolder(project.resultsFolder)
    await removePartialFiles(project.checkpointsFolder)
    project.information.nameOnce(name)
    project.experiments.interruptRunning()
    project.jobs.interruptRunning()
    project.results.interruptRunning()
    await purgeOld(project)
    return project
  } catch (thrown) {
    connection?.close()
    lease.release()
    throw thrown
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (thrown) {
    throw explainFolderError(thrown, folder)
  }
}

function checkIsProject(folder: string): void {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw explainFolderError(Object.assign(new Error('a file'), { code: 'ENOTDIR' }), folder)
  }
  if (isProjectFolder(folder)) return
  throw new SegscopeError(
    'project-not-found',
    `There is no Segscope project in this folder (no ${databaseName}).`,
    {
      file: folder,
      remedy: 'Check the path; training makes a project where there is none.',
    },
  )
}
