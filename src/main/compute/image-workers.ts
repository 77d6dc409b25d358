import { Worker } from 'node:worker_threads'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import type { ImageTask, ImageTasks, ImageWorkerReply, ImageWorkerRequest } from './image-tasks.ts'
import { siblingModule } from './sibling-module.ts'
import { unpackError } from './transferred-error.ts'

/** From what a person waits for to what nobody does. */
const urgencies = ['details', 'tile', 'thumbnail', 'background'] as const
export type Urgency = (typeof urgencies)[number]

export interface TaskOptions {
  urgency: Urgency
  /** A task that waits is dropped; one that has begun is told, and its result is not waited for. */
  signal?: AbortSignal | undefined
}

export interface ImageWorkersOptions {
  /** The worker's module; others only in tests. */
  module?: URL
  threads?: number
  /** How long a task may show no sign of life. */
  patienceMilliseconds?: number
}

/** Of any task: to decode a picture of a gigabyte at once takes a slow computer half a minute. */
const usualPatience = 120_000
/** To open a file: no pixel is decoded then, and a thread that waits for a slow disk shows signs of life. */
const openingPatience = 10_000

interface Job {
  number: number
  task: ImageTask
  input: ImageTasks[ImageTask]['input']
  urgency: Urgency
  resolve: (output: ImageTasks[ImageTask]['output']) => void
  reject: (reason: Error) => void
}

interface Thread {
  worker: Worker
  job: Job | undefined
  /** Which it has open, most likely. */
  path: string | undefined
  alarm: NodeJS.Timeout | undefined
}

/**
 * Threads that read image files, so that no decoding ever holds up the application. Tasks go by urgency; among tiles
 * and thumbnails the newest first, as a person has scrolled past the others. Background work leaves one thread free. A thread
 * that a file brings down, or that shows no sign of life, is replaced, and only its task fails.
 */
export class ImageWorkers {
  readonly #module: URL
  readonly #most: number
  readonly #patience: number
  readonly #threads: Thread[] = []
  /** In the order in which they were asked for. */
  #waiting: Job[] = []
  #number = 0

  constructor(options: ImageWorkersOptions = {}) {
    this.#module = options.module ?? siblingModule(import.meta.url, 'image-worker')
    this.#most = options.threads ?? 2
    this.#patience = options.patienceMilliseconds ?? usualPatience
  }

  /**
   * @throws SegscopeError whatever the task throws; `image-reader-died`, `image-reader-stuck`; CancelledError after the
   *   signal
   */
  run<Task extends ImageTask>(
    task: Task,
    input: ImageTasks[Task]['input'],
    { urgency, signal }: TaskOptions,
  ): Promise<ImageTasks[Task]['output']> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(new CancelledError())
        return
      }
      const settled = (): void => signal?.removeEventListener('abort', cancel)
      const job: Job = {
        number: this.#number++,
        task,
        input,
        urgency,
        resolve: (output) => {
          settled()
          resolve(output)
        },
        reject: (reason) => {
          settled()
          reject(reason)
        },
      }
      const cancel = (): void => this.#cancel(job)
      signal?.addEventListener('abort', cancel)
      this.#waiting.push(job)
      this.#assign()
    })
  }

  /** Ends the threads; what they do and what waits fails as cancelled. */
  async close(): Promise<void> {
    for (const job of this.#waiting.splice(0)) job.reject(new CancelledError())
    await Promise.all(
      this.#threads.splice(0).map(async ({ worker, job, alarm }) => {
        clearTimeout(alarm)
        job?.reject(new CancelledError())
        await worker.terminate()
      }),
    )
  }

  #cancel(job: Job): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== job)
    const thread = this.#threads.find((each) => each.job === job)
    if (thread !== undefined) post(thread, { kind: 'cancel', number: job.number })
    job.reject(new CancelledError())
  }

  #assign(): void {
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      const thread = this.#freeThread(job)
      if (thread === undefined) return
      this.#waiting.splice(this.#waiting.indexOf(job), 1)
      thread.job = job
      thread.path = job.input.path
      thread.worker.ref()
      this.#watch(thread)
      post(thread, { kind: 'begin', number: job.number, task: job.task, input: job.input })
    }
  }

  #next(): Job | undefined {
    const inBackground = this.#threads.filter(({ job }) => job?.urgency === 'background').length
    for (const urgency of urgencies) {
      if (urgency === 'background' && inBackground >= Math.max(1, this.#most - 1)) continue
      const isAlike = (job: Job): boolean => job.urgency === urgency
      const job = urgency === 'details' ? this.#waiting.find(isAlike) : this.#waiting.findLast(isAlike)
      if (job !== undefined) return job
    }
    return undefined
  }

  /** Best the one that has the file open; for background work another one, as a person is looking at the image there. */
  #freeThread({ input, urgency }: Job): Thread | undefined {
    const free = this.#threads.filter(({ job }) => job === undefined)
    const best = free.find((thread) => (thread.path === input.path) === (urgency !== 'background'))
    const other = urgency === 'background' ? undefined : free[0]
    const canStart = this.#threads.length < this.#most
    return best ?? other ?? (canStart ? this.#startThread() : free[0])
  }

  #startThread(): Thread {
    const worker = new Worker(this.#module)
    const thread: Thread = { worker, job: undefined, path: undefined, alarm: undefined }
    this.#threads.push(thread)
    worker.on('message', (reply: ImageWorkerReply) => {
      if (reply.kind === 'alive') this.#watch(thread)
      else this.#finish(thread, reply)
    })
    worker.on('error', (error: unknown) => {
      this.#replace(thread, (file) =>
        died(file, error instanceof Error ? error.message : String(error), error),
      )
    })
    worker.on('exit', (code) => {
      this.#replace(thread, (file) => died(file, `it ended with exit code ${code}`))
    })
    // A thread without work keeps no process alive.
    worker.unref()
    return thread
  }

  #watch(thread: Thread): void {
    clearTimeout(thread.alarm)
    if (thread.job === undefined) return
    const patience =
      thread.job.task === 'identify' ? Math.min(openingPatience, this.#patience) : this.#patience
    thread.alarm = setTimeout(() => {
      void thread.worker.terminate()
      this.#replace(thread, (file) => stuck(file, patience))
    }, patience)
    thread.alarm.unref()
  }

  #finish(thread: Thread, reply: Exclude<ImageWorkerReply, { kind: 'alive' }>): void {
    const { job } = thread
    thread.job = undefined
    clearTimeout(thread.alarm)
    thread.worker.unref()
    if (reply.kind === 'done') job?.resolve(reply.output)
    else job?.reject(unpackError(reply.error))
    this.#assign()
  }

  /** Another is started when there is work for it. */
  #replace(thread: Thread, explain: (file: string) => SegscopeError): void {
    const at = this.#threads.indexOf(thread)
    if (at === -1) return
    this.#threads.splice(at, 1)
    clearTimeout(thread.alarm)
    thread.job?.reject(explain(thread.job.input.path))
    this.#assign()
  }
}

function post({ worker }: Thread, request: ImageWorkerRequest): void {
  worker.postMessage(request)
}

const remedy = 'Other images are not affected. If it happens again with this one, please report it.'

function died(file: string, reason: string, cause?: unknown): SegscopeError {
  return new SegscopeError('image-reader-died', `Reading ${file} brought its thread down: ${reason}.`, {
    file,
    remedy,
    cause,
  })
}

function stuck(file: string, milliseconds: number): SegscopeError {
  return new SegscopeError(
    'image-reader-stuck',
    `Reading ${file} was given up: nothing came of it for ${Math.round(milliseconds / 1000)} seconds.`,
    { file, remedy },
  )
}
