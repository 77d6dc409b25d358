import type { ComputeLimits } from '../../model/engine/compute-limits.ts'
import { CancelledError, type SegscopeError } from '../../model/errors.ts'
import { ComputeProcess } from './compute-process.ts'
import type {
  Prediction,
  PredictionNetwork,
  PredictionOrder,
  PredictionReplyMessage,
  PredictionRequestMessage,
} from './prediction-messages.ts'
import { siblingModule } from './sibling-module.ts'
import { unpackError } from './transferred-error.ts'

/** A child process that predicts, and keeps the checkpoint and the image that it used last. To be closed. */
export class PredictionSession {
  readonly #process: ComputeProcess<PredictionRequestMessage, PredictionReplyMessage>
  #waiting: PromiseWithResolvers<Prediction> | undefined
  #hasEnded = false

  constructor(limits: ComputeLimits) {
    const module = siblingModule(import.meta.url, 'prediction-process')
    this.#process = new ComputeProcess(module, limits, (message) => this.#receive(message))
    void this.#process.ended.then((reason) => this.#end(reason))
  }

  /** Whether the process is gone: another has to be started. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Loads a network before it is asked to predict; returns at once. */
  prepare(network: PredictionNetwork): void {
    this.#process.send({ kind: 'prepare', network })
  }

  /**
   * Predicts the part of a page that holds a pixel. One at a time.
   * @throws SegscopeError as `readCheckpoint`, `openImage` and `predictPart`; `compute-died`; CancelledError where it was closed
   */
  async predict(order: PredictionOrder): Promise<Prediction> {
    if (this.#hasEnded) throw new CancelledError()
    this.#waiting = Promise.withResolvers()
    this.#process.send({ kind: 'predict', order })
    return await this.#waiting.promise
  }

  /** Ends the process at once; closing twice is allowed. */
  async close(): Promise<void> {
    await this.#process.kill()
  }

  #receive(message: PredictionReplyMessage): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (message.kind === 'failed') waiting?.reject(unpackError(message.error))
    else waiting?.resolve(message.prediction)
  }

  #end(reason: SegscopeError | undefined): void {
    this.#hasEnded = true
    this.#waiting?.reject(reason ?? new CancelledError())
    this.#waiting = undefined
  }
}
