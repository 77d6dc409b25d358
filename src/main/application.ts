import { EventPublisher } from '@orpc/server'
import { defaultEngine } from '../model/engine/engines.ts'
import { SegscopeError } from '../model/errors.ts'
import type { About } from '../preload/contract/about.ts'
import type { Engines } from '../preload/contract/engines.ts'
import type { Choice } from '../preload/contract/folders.ts'
import type { OpenProject, ProjectEvent, RecentProject } from '../preload/contract/projects.ts'
import type { PackageSource, Settings } from '../preload/contract/settings.ts'
import { viewerSettingsSchema, type ViewerSettings } from '../preload/contract/viewer-settings.ts'
import { ImageWorkers } from './compute/image-workers.ts'
import { JobList } from './jobs/job-list.ts'
import { OpenedProject } from './opened-project.ts'
import { findMissingImages } from './services/image-registry.ts'
import { PageCommands } from './services/page-commands.ts'
import { chooseCompute, type ComputeChoice, titleOf } from './services/compute-choice.ts'
import { Changes } from './services/changes.ts'
import { withFallback } from './services/engine-fallback.ts'
import { EngineMeasurements } from './services/engine-measurements.ts'
import { EngineMeasuring } from './services/engine-measuring.ts'
import { engineStates } from './services/engine-states.ts'
import { ImageCache } from './services/image-cache.ts'
import { createProject, openProject, type Project } from './services/project.ts'
import { ProblemLog } from './services/problem-log.ts'
import { RecentProjects } from './services/recent-projects.ts'
import type { ServedFolders } from './services/served-folders.ts'
import { SettingsStore } from './services/settings-store.ts'
import { TensorFlowRuntime } from './services/tensorflow-runtime.ts'
import { Turns } from './services/turns.ts'
import { projectsFolder } from './services/user-folders.ts'
import { toProblem } from './to-problem.ts'

/** How a page gets at files: anywhere, by the system's dialogs, or within the folders that the door shows. */
export type DoorFiles =
  | {
      kind: 'dialogs'
      /** null: the person closed the dialog. */
      choose: (choice: Choice) => Promise<string[] | null>
    }
  | { kind: 'served folders'; folders: ServedFolders }

/** What a door brings along. */
export interface DoorSurroundings {
  about: About
  files: DoorFiles
  /** Settings and recent projects. */
  settingsFolder: string
  /** Thumbnails and reduced images, unless the settings say otherwise. */
  cacheFolder: string
  /** Others on the network may read what its pages say. */
  isOpenToNetwork?: boolean
}

const usualViewer: ViewerSettings = { channels: [], labelOpacity: 0.5, labelStyle: 'filled', brushSize: 20 }

/** Everything behind a page, composed once for each door. One project is open at a time. */
export class Application {
  readonly about: About
  readonly files: DoorFiles
  readonly settings: SettingsStore
  readonly recent: RecentProjects
  readonly engineMeasurements: EngineMeasurements
  readonly engineMeasuring: EngineMeasuring
  readonly runtime: TensorFlowRuntime
  readonly log: ProblemLog
  /** What pages have to draw anew. */
  readonly events = new EventPublisher<{ project: ProjectEvent }>()
  readonly turns = new Turns()
  readonly commands = new PageCommands()
  readonly jobs = new JobList((job) => this.log.addJob(job))
  readonly imageCache = new ImageCache(
    () => ({ folder: this.cacheFolder, limitBytes: this.settings.get().cache.limitGigabytes * 1e9 }),
    (problem) => this.#tellTrouble(problem),
  )
  readonly imageWorkers = new ImageWorkers()
  /** Of engines, what computes, and TensorFlow's runtime. */
  readonly #engineChanges = new Changes()
  readonly #ending = new AbortController()
  readonly #usualCacheFolder: string
  readonly #isOpenToNetwork: boolean
  #opened: OpenedProject | undefined

  private constructor(
    surroundings: DoorSurroundings,
    kept: Pick<Application, 'settings' | 'recent' | 'engineMeasurements' | 'log'>,
  ) {
    this.about = surroundings.about
    this.files = surroundings.files
    this.#usualCacheFolder = surroundings.cacheFolder
    this.#isOpenToNetwork = surroundings.isOpenToNetwork ?? false
    this.settings = kept.settings
    this.recent = kept.recent
    this.engineMeasurements = kept.engineMeasurements
    this.log = kept.log
    this.engineMeasuring = new EngineMeasuring(
      this.engineMeasurements,
      this.jobs,
      () => this.compute().limits,
      this.#engineChanges,
    )
    this.runtime = new TensorFlowRuntime(this.#engineChanges, (signal) =>
      this.engineMeasuring.measure('tensorflow', signal),
    )
  }

  static async start(surroundings: DoorSurroundings): Promise<Application> {
    const { settingsFolder } = surroundings
    const application: Application = new Application(surroundings, {
      settings: await SettingsStore.open(settingsFolder),
      recent: await RecentProjects.open(settingsFolder),
      engineMeasurements: await EngineMeasurements.open(settingsFolder),
      log: new ProblemLog(settingsFolder, () => application.names()),
    })
    await application.log.addStart(surroundings.about)
    return application
  }

  get cacheFolder(): string {
    return this.settings.get().cache.folder ?? this.#usualCacheFolder
  }

  /** What computes from now on, and what it may use. */
  compute(): ComputeChoice {
    return chooseCompute(this.settings.get(), this.engineMeasurements.list())
  }

  /**
   * Does work with an engine, and with the default one where that cannot be loaded, which pages are told.
   * @param work given the engine's name; nothing may be left of one that could not load it
   */
  async computeWith<Result>(engine: string, work: (engine: string) => Promise<Result>): Promise<Result> {
    return await withFallback(engine, work, (name, reason) => {
      const message = `${titleOf(name)} cannot be used, so ${titleOf(defaultEngine)} computes: ${reason.message}`
      const problem = new SegscopeError(reason.code, message, {
        remedy: 'See "Computing" in the settings.',
        cause: reason,
      })
      this.log.addProblem(problem)
      this.#tellTrouble(problem)
      this.engineMeasuring.keepFailure(name, reason).catch((thrown: unknown) => this.#tellTrouble(thrown))
    })
  }

  /**
   * Begins to install TensorFlow, and keeps where from; returns at once.
   * @throws SegscopeError `installation-running`, and as `changeSettings`
   */
  async installTensorFlow(variant: 'cpu' | 'gpu', packageSource: PackageSource | null): Promise<void> {
    await this.changeSettings({ packageSource })
    this.runtime.install(variant, packageSource)
  }

  /** Engines, what computes and TensorFlow's runtime, now and whenever something of it changes. */
  watchEngines(signal: AbortSignal | undefined): AsyncGenerator<Engines> {
    return this.#engineChanges.watch(() => this.#describeEngines(), signal)
  }

  /**
   * Changes settings, and whatever follows from them.
   * @throws SegscopeError `network-open`; where they cannot be kept
   */
  async changeSettings(changes: Partial<Settings>): Promise<Settings> {
    // What is installed runs here, with all rights of whoever started Segscope.
    if (changes.packageSource !== undefined && this.#isOpenToNetwork) {
      throw new SegscopeError(
        'network-open',
        'Where TensorFlow is installed from cannot be changed while Segscope is open to the network.',
        {
          remedy:
            "Start it without --host and reach it through SSH, or name the package index in pip's configuration on the computer that Segscope runs on.",
        },
      )
    }
    const settings = await this.settings.change(changes)
    this.#engineChanges.tell()
    return settings
  }

  /** Measures in the background the engines that were not measured on this computer. For doors: once, when they are open. */
  measureEngines(): void {
    this.engineMeasuring
      .measureMissing(this.#ending.signal)
      .catch((thrown: unknown) => this.#tellTrouble(thrown))
  }

  /** Closes the project, and ends what goes on in the background. */
  end(): void {
    this.#ending.abort()
    this.runtime.cancel()
    this.closeProject()
  }

  #describeEngines(): Engines {
    const { training, prediction } = this.compute()
    const { current } = this.engineMeasuring
    return {
      training,
      prediction,
      engines: engineStates(this.engineMeasurements.list()).map(({ version, ...state }) => ({
        ...state,
        installed: version !== undefined,
      })),
      ...(current !== undefined && { measuring: current }),
      runtime: this.runtime.describe(),
    }
  }

  #tellTrouble(thrown: unknown): void {
    this.events.publish('project', { kind: 'trouble', problem: toProblem(thrown) })
  }

  /** What a person named, which no log may hold. */
  names(): string[] {
    const recent = this.recent.list().flatMap(({ folder, name }) => [folder, name])
    const project = this.#opened?.project
    if (project === undefined) return recent
    return [
      ...recent,
      project.folder,
      project.name,
      ...project.images.all().map(({ path }) => path),
      ...project.information.classes().map(({ name }) => name),
      ...project.checkpoints.all().flatMap(({ name, note }) => [name ?? '', note ?? '']),
    ]
  }

  get opened(): OpenedProject | undefined {
    return this.#opened
  }

  /** @throws SegscopeError `no-project` */
  requireOpened(): OpenedProject {
    if (this.#opened !== undefined) return this.#opened
    throw new SegscopeError('no-project', 'No project is open.', { remedy: 'Open or create one first.' })
  }

  describeOpened(): OpenProject {
    const { project } = this.requireOpened()
    const viewer = viewerSettingsSchema.safeParse(JSON.parse(project.information.viewer() ?? 'null'))
    const notice = project.withoutLogBecause
    return {
      folder: project.folder,
      name: project.name,
      images: project.images.count(),
      viewer: viewer.data ?? usualViewer,
      ...(notice !== undefined && {
        notice: `Saving is slower here: SQLite's write-ahead log cannot be used (${notice}).`,
      }),
    }
  }

  /** Where new projects go until the person says otherwise. */
  async newProjectsFolder(): Promise<string> {
    const usual = this.settings.get().projectsFolder ?? projectsFolder()
    if (this.files.kind === 'dialogs' || (await this.files.folders.serves(usual))) return usual
    return this.files.folders.paths[0] ?? usual
  }

  /** Those that a page of this door may open. */
  async recentProjects(): Promise<RecentProject[]> {
    const { files } = this
    const listed = this.recent.list()
    if (files.kind === 'dialogs') return listed
    const served = await Promise.all(listed.map(({ folder }) => files.folders.serves(folder)))
    return listed.filter((_, index) => served[index])
  }

  async create(folder: string, name: string): Promise<OpenProject> {
    return await this.#use(await createProject(folder, { door: this.about.door, name }))
  }

  /** Opening the project that is open changes nothing. */
  async open(folder: string): Promise<OpenProject> {
    if (this.#opened?.project.folder === folder) return this.describeOpened()
    return await this.#use(await openProject(folder, { door: this.about.door }))
  }

  closeProject(): void {
    if (this.#opened === undefined) return
    this.#opened.close()
    this.#opened = undefined
    this.jobs.clear()
    this.events.publish('project', { kind: 'project-changed' })
  }

  async #use(project: Project): Promise<OpenProject> {
    this.#opened?.close()
    this.jobs.clear()
    const opened = new OpenedProject(project, this.imageWorkers, this.imageCache, {
      compute: () => this.compute(),
      computeWith: (engine, work) => this.computeWith(engine, work),
    })
    this.#opened = opened
    project.lost?.addEventListener('abort', () => {
      if (this.#opened !== opened) return
      this.#opened = undefined
      this.jobs.clear()
      this.events.publish('project', { kind: 'project-lost', problem: toProblem(project.lost?.reason) })
    })
    try {
      await this.recent.add(project.folder, project.name)
    } finally {
      this.events.publish('project', { kind: 'project-changed' })
    }
    void this.#lookForMissing(opened)
    return this.describeOpened()
  }

  /** In the background: drives may be slow, and nobody waits for it. */
  async #lookForMissing(opened: OpenedProject): Promise<void> {
    try {
      const { changed } = await findMissingImages(opened.project, opened.until(undefined))
      if (changed.length > 0) this.events.publish('project', { kind: 'images-updated', ids: changed })
    } catch (thrown) {
      // Closed meanwhile, or its disk fails: whatever the person does next will say so.
      if (!(thrown instanceof SegscopeError)) throw thrown
    }
  }
}
