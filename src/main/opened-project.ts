import type { ImageWorkers } from './compute/image-workers.ts'
import { ProjectPixels } from './pixels/project-pixels.ts'
import type { Computing } from './services/compute-choice.ts'
import type { ImageCache } from './services/image-cache.ts'
import type { Project } from './services/project.ts'
import { LabelStore } from './services/label-store.ts'
import { LivePrediction } from './services/live-prediction.ts'
import { ProjectClasses } from './services/project-classes.ts'
import { TrainingPreviews } from './services/training-previews.ts'

/** What a page works with while a project is open. */
export class OpenedProject {
  readonly project: Project
  readonly classes: ProjectClasses
  readonly labels: LabelStore
  readonly pixels: ProjectPixels
  readonly predictions: LivePrediction
  readonly trainingPreviews: TrainingPreviews
  readonly #closing = new AbortController()

  constructor(project: Project, imageWorkers: ImageWorkers, imageCache: ImageCache, computing: Computing) {
    this.project = project
    this.classes = new ProjectClasses(project)
    this.labels = new LabelStore(project)
    this.pixels = new ProjectPixels(project, imageWorkers, imageCache, this.until(undefined))
    this.trainingPreviews = new TrainingPreviews(project)
    this.predictions = new LivePrediction(project, this.until(undefined), computing)
  }

  /** Fires when the project is closed or lost, or the caller gives up: long work on it has to stop then. */
  until(signal: AbortSignal | undefined): AbortSignal {
    const signals = [this.#closing.signal, this.project.lost, signal]
    return AbortSignal.any(signals.filter((each) => each !== undefined))
  }

  close(): void {
    this.#closing.abort()
    this.project.close()
  }
}
