import { extname } from 'node:path'
import { SHARE_ENV, Worker } from 'node:worker_threads'
import { SegscopeError } from '../errors.ts'
import type { Network, NetworkDescription } from '../network/network.ts'
import type { NamedTensors } from '../weights/tensor.ts'
import type { ImageBatch, NetworkOutput, Predictor, PredictorOptions } from './engine.ts'

export interface PredictorJob {
  engine: string
  network: NetworkDescription
  weights: NamedTensors
  options: PredictorOptions
}

/** Without images: only to hear that the predictor is ready. `end`: the thread shall end. */
export type PredictorRequest = { images?: ImageBatch } | 'end'

export interface PredictorReply {
  output?: NetworkOutput
  /** As of a `SegscopeError`. */
  error?: { code: string; message: string; file?: string | undefined; remedy?: string | undefined }
}

/**
 * A predictor in a thread of its own. ONNX Runtime computes in the thread that asks, so only this way images are read,
 * blended and written while the network runs.
 * @throws SegscopeError `engine-failed`, and as `loadEngine`
 */
export async function createPredictorThread(
  engine: string,
  network: Network,
  weights: NamedTensors,
  options: PredictorOptions,
): Promise<Predictor> {
  const job: PredictorJob = { engine, network: network.description, weights, options }
  const thread = new PredictorThread(job)
  try {
    await thread.ready()
  } catch (thrown) {
    await thread.dispose()
    throw thrown
  }
  return thread
}

interface Waiting {
  resolve: (reply: PredictorReply) => void
  reject: (error: Error) => void
}

class PredictorThread implements Predictor {
  readonly #worker: Worker
  /** Requests are answered in the order in which they were made. */
  readonly #waiting: Waiting[] = []
  readonly #exited: Promise<void>
  #ended: Error | undefined

  constructor(job: PredictorJob) {
    const module = new URL(`./predictor-worker${extname(import.meta.url)}`, import.meta.url)
    // Native libraries read the environment of the process, not the copy that a thread has otherwise.
    this.#worker = new Worker(module, { workerData: job, env: SHARE_ENV })
    this.#worker.on('message', (reply: PredictorReply) => {
      this.#waiting.shift()?.resolve(reply)
    })
    this.#worker.on('error', (error: Error) => {
      this.#end(error)
    })
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#end(new Error('its thread ended'))
        resolve()
      })
    })
  }

  async ready(): Promise<void> {
    await this.#ask({})
  }

  async run(images: ImageBatch): Promise<NetworkOutput> {
    const reply = await this.#ask({ images })
    return reply.output as NetworkOutput
  }

  /** Ends what is waiting at once, and the thread after the run it is in: to terminate it amid a run aborts the whole process. */
  async dispose(): Promise<void> {
    this.#end(new Error('it was given back'))
    this.#worker.postMessage('end' satisfies PredictorRequest)
    await this.#exited
  }

  async #ask(request: PredictorRequest): Promise<PredictorReply> {
    if (this.#ended !== undefined) throw predictorFailure(this.#ended.message)
    const reply = await new Promise<PredictorReply>((resolve, reject) => {
      // First, as it throws where the images cannot be sent: nothing may wait then.
      this.#worker.postMessage(request)
      this.#waiting.push({ resolve, reject })
    })
    if (reply.error === undefined) return reply
    const { code, message, ...details } = reply.error
    throw new SegscopeError(code, message, details)
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const waiting of this.#waiting.splice(0)) waiting.reject(predictorFailure(this.#ended.message))
  }
}

/** The error of a predictor that ended, or failed by a defect. */
export function predictorFailure(reason: string): SegscopeError {
  return new SegscopeError('engine-failed', `The network could not run: ${reason}`, {
    remedy: 'Run "segscope doctor" and report this with its output.',
  })
}
