import { Worker } from 'node:worker_threads'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import type { Batch } from '../../model/training/batch-source.ts'
import { stepsTogether } from '../../model/training/loop.ts'
import type { BatchReply, BatchRequest, BatchStreamSpec } from './batch-messages.ts'
import { siblingModule } from './sibling-module.ts'
import { unpackError } from './transferred-error.ts'

/** Batches made ahead, while the steps before them are done in one go: half a megabyte each. */
const ahead = 2 * stepsTogether
/** How long a worker may take to finish its batch and close, before it is stopped in the middle. */
const closingMilliseconds = 5000

/** Training batches, made on a thread of their own while the network computes. */
export interface BatchStream {
  /**
   * The batch of a step, and the worker is set to those that follow. Any step may be asked for; only one in order is
   * ready at once.
   * @throws SegscopeError where a file cannot be read, `batch-worker-died`; CancelledError after the signal
   */
  next(step: number): Promise<Batch>
  /** Waits until the thread has ended. */
  close(): Promise<void>
}

/** Starts the thread; errors in opening the files come with the first batch. */
export function startBatchStream(spec: BatchStreamSpec, signal?: AbortSignal): BatchStream {
  return new WorkerBatchStream(spec, signal)
}

/** A batch that was asked for and not yet handed out. */
interface Slot extends PromiseWithResolvers<Batch> {
  awaited: boolean
}

class WorkerBatchStream implements BatchStream {
  readonly #worker: Worker
  readonly #steps: number
  /** By step. */
  readonly #slots = new Map<number, Slot>()
  readonly #exited: Promise<void>
  /** Why there are no more batches. */
  #ended: Error | undefined

  constructor(spec: BatchStreamSpec, signal: AbortSignal | undefined) {
    this.#steps = spec.plan.steps
    this.#worker = new Worker(siblingModule(import.meta.url, 'batch-worker'), { workerData: spec })
    this.#worker.on('message', (reply: BatchReply) => {
      const slot = this.#slots.get(reply.step)
      if (reply.kind === 'batch') slot?.resolve(reply.batch)
      else slot?.reject(unpackError(reply.error))
    })
    this.#worker.on('error', (error: unknown) => {
      this.#end(workerDied(error instanceof Error ? error.message : String(error), error))
    })
    const cancel = (): void => {
      this.#end(new CancelledError())
    }
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        signal?.removeEventListener('abort', cancel)
        this.#end(workerDied(`it ended with exit code ${String(code)}`))
        resolve()
      })
    })
    if (signal?.aborted === true) cancel()
    else signal?.addEventListener('abort', cancel)
  }

  async next(step: number): Promise<Batch> {
    if (this.#ended !== undefined) throw this.#ended
    for (const [other, slot] of this.#slots) {
      if (!slot.awaited && (other < step || other > step + ahead)) this.#slots.delete(other)
    }
    const last = Math.max(step, Math.min(step + ahead, this.#steps - 1))
    for (let wanted = step; wanted <= last; wanted++) {
      if (!this.#slots.has(wanted)) this.#request(wanted)
    }
    const slot = this.#slots.get(step) as Slot
    slot.awaited = true
    try {
      return await slot.promise
    } finally {
      this.#slots.delete(step)
    }
  }

  async close(): Promise<void> {
    this.#end(new SegscopeError('batch-stream-closed', 'The stream of training batches is closed.'))
    this.#worker.postMessage({ kind: 'close' } satisfies BatchRequest)
    const timer = setTimeout(() => void this.#worker.terminate(), closingMilliseconds)
    await this.#exited
    clearTimeout(timer)
  }

  #request(step: number): void {
    const slot: Slot = { ...Promise.withResolvers<Batch>(), awaited: false }
    // The failure of a batch made ahead is told when that batch is asked for.
    slot.promise.catch(() => undefined)
    this.#slots.set(step, slot)
    this.#worker.postMessage({ kind: 'make', step } satisfies BatchRequest)
  }

  #end(reason: Error): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    for (const slot of this.#slots.values()) slot.reject(reason)
  }
}

function workerDied(reason: string, cause?: unknown): SegscopeError {
  return new SegscopeError('batch-worker-died', `The thread that prepares training images died: ${reason}.`, {
    remedy: 'Resume the run from its last checkpoint; if memory ran out, close other programs first.',
    cause,
  })
}
