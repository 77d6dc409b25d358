import type { ComputeLimits } from '../../model/engine/compute-limits.ts'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import { ComputeProcess } from '../compute/compute-process.ts'
import { siblingModule } from '../compute/sibling-module.ts'
import type {
  SegmentationOrder,
  SegmentationReplyMessage,
  SegmentationRequestMessage,
} from '../compute/segmentation-messages.ts'
import type { Job } from '../../preload/contract/jobs.ts'
import type { Computing } from '../services/compute-choice.ts'
import type { ResultRecord } from '../services/results-record.ts'
import type { SegmentationEvent, SegmentationSummary } from '../services/segmentation-events.ts'
import { unpackError } from '../compute/transferred-error.ts'
import { toProblem } from '../to-problem.ts'
import type { JobList } from './job-list.ts'
import { keepEnd } from './keep-end.ts'

const segmentationProcess = siblingModule(
  import.meta.url.replace('/jobs/', '/compute/'),
  'segmentation-process',
)

/** Segments images, as a job; returns its number at once. What a run leaves is found by the next one, and not done again. */
export function startSegmentation(start: SegmentationStart): number {
  return new SegmentationJob(start).begin()
}

interface SegmentationStart {
  jobs: JobList
  /** Fires when the project is closed. */
  closing: AbortSignal
  limits: ComputeLimits
  order: SegmentationOrder
  record: ResultRecord
  computeWith: Computing['computeWith']
}

class SegmentationJob {
  readonly #jobs: JobList
  readonly #closing: AbortSignal
  readonly #limits: ComputeLimits
  readonly #order: SegmentationOrder
  readonly #record: ResultRecord
  readonly #computeWith: SegmentationStart['computeWith']
  /** Of what the process was asked last. */
  #ended = Promise.withResolvers<SegmentationSummary>()
  readonly #started = performance.now()
  #job = 0
  #files: NonNullable<Job['files']>

  constructor({ jobs, closing, limits, order, record, computeWith }: SegmentationStart) {
    this.#limits = limits
    this.#jobs = jobs
    this.#closing = closing
    this.#order = order
    this.#record = record
    this.#computeWith = computeWith
    const { images, outFolder } = order
    this.#files = { done: 0, skipped: 0, failed: [], total: images.length, outFolder, result: record.id }
  }

  begin(): number {
    const child = new ComputeProcess<SegmentationRequestMessage, SegmentationReplyMessage>(
      segmentationProcess,
      this.#limits,
      (message) => this.#receive(message),
    )
    const stop = (): void => {
      this.#jobs.change(this.#job, { state: 'stopping', label: 'finishing what is being written' })
      child.send({ kind: 'stop' })
    }
    const cancel = (): void => {
      this.#ended.reject(new CancelledError())
      void child.kill()
    }
    const count = this.#order.images.length
    const title = `Segmenting ${count} ${count === 1 ? 'image' : 'images'}`
    this.#job = this.#jobs.add('segmentation', title, { stop, cancel }, [this.#order.checkpointFile])
    this.#change({ label: 'loading the network' })
    this.#closing.addEventListener('abort', cancel, { once: true })
    void child.ended.then((reason) => this.#ended.reject(reason ?? new CancelledError()))
    this.#computeWith(this.#order.engine, (engine) => {
      this.#ended = Promise.withResolvers()
      child.send({ kind: 'segment', order: { ...this.#order, engine } })
      return this.#ended.promise
    })
      .then(
        ({ failed }) => {
          keepEnd(() => this.#record.end('finished'), this.#closing)
          this.#change({
            state: 'finished',
            fraction: 1,
            label: failed.length === 0 ? 'done' : `done; ${failed.length} files failed`,
          })
        },
        (thrown: unknown) => this.#fail(thrown),
      )
      .finally(() => {
        this.#closing.removeEventListener('abort', cancel)
        void child.kill()
      })
    return this.#job
  }

  #fail(thrown: unknown): void {
    // A closed project keeps nothing any more; it finds its result interrupted when it opens again.
    if (this.#closing.aborted) this.#record.abandon()
    else {
      const state = thrown instanceof CancelledError ? 'stopped' : 'failed'
      keepEnd(() => this.#record.end(state), this.#closing)
    }
    if (thrown instanceof CancelledError) this.#change({ state: 'stopped', label: 'stopped; it can go on' })
    else this.#change({ state: 'failed', label: 'failed', problem: toProblem(thrown) })
  }

  #receive(message: SegmentationReplyMessage): void {
    if (message.kind === 'event') {
      if (!this.#closing.aborted) this.#record.take(message.event)
      this.#show(message.event)
    } else if (message.kind === 'extras') {
      this.#change({ fraction: message.fraction, label: 'measuring and writing the results' })
    } else if (message.kind === 'finished') this.#ended.resolve(message.summary)
    else this.#ended.reject(unpackError(message.error))
  }

  #show(event: SegmentationEvent): void {
    if (event.kind === 'progress') {
      const { done, skipped, failed, total } = this.#files
      this.#change({
        state: 'running',
        fraction: event.fraction,
        label: `${done + skipped + failed.length} of ${total} images`,
        ...(event.remainingSeconds !== undefined && { secondsLeft: event.remainingSeconds }),
      })
    } else if (event.kind === 'image-done') {
      const done = this.#files.done + 1
      const imagesPerSecond = done / ((performance.now() - this.#started) / 1000)
      this.#files = { ...this.#files, done, imagesPerSecond }
    } else if (event.kind === 'skipped') {
      this.#files = { ...this.#files, skipped: this.#files.skipped + 1 }
    } else if (event.kind === 'failed') {
      const problem = toProblem(new SegscopeError(event.code, event.error, { file: event.file }))
      this.#files = { ...this.#files, failed: [...this.#files.failed, { file: event.file, problem }] }
    }
  }

  #change(change: Parameters<JobList['change']>[1]): void {
    this.#jobs.change(this.#job, { ...change, files: this.#files })
  }
}
