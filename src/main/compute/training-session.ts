import type { ComputeLimits } from '../../model/engine/compute-limits.ts'
import { CancelledError } from '../../model/errors.ts'
import type { PaintedImage } from '../services/painted-data.ts'
import type { PreparedTraining, TrainingWishes } from '../services/prepare-training.ts'
import type { TellTraining, TrainingNews } from '../services/training-news.ts'
import type { TrainingJob } from '../services/training-run.ts'
import { ComputeProcess } from './compute-process.ts'
import { siblingModule } from './sibling-module.ts'
import type { TrainingReplyMessage, TrainingRequestMessage } from './training-messages.ts'
import { unpackError } from './transferred-error.ts'

type Answer = Exclude<TrainingReplyMessage, { kind: 'news' }>

/** A child process that prepares and runs one training. To be closed, whatever comes of it. */
export class TrainingSession {
  readonly #process: ComputeProcess<TrainingRequestMessage, TrainingReplyMessage>
  readonly #tell: TellTraining
  #waiting: PromiseWithResolvers<Answer> | undefined
  /** Why there will be no answers any more. */
  #ended: Error | undefined

  /** @param tell is given what the training tells, as it comes */
  constructor(limits: ComputeLimits, tell: TellTraining) {
    this.#tell = tell
    this.#process = new ComputeProcess(
      siblingModule(import.meta.url, 'training-process'),
      limits,
      (message) => this.#receive(message),
    )
    void this.#process.ended.then((reason) => {
      this.#ended ??= reason ?? new CancelledError()
      this.#waiting?.reject(this.#ended)
      this.#waiting = undefined
    })
  }

  /**
   * @throws SegscopeError as `prepareTraining`, `compute-died`; CancelledError where it was stopped or closed
   */
  async prepare(
    images: readonly PaintedImage[],
    classNames: readonly string[],
    wishes: TrainingWishes,
  ): Promise<PreparedTraining> {
    const answer = await this.#ask({ kind: 'prepare', images, classNames, wishes })
    if (answer.kind !== 'prepared') throw new Error(`Asked to prepare, it answered "${answer.kind}".`)
    return answer.prepared
  }

  /** @throws SegscopeError as `runTraining`, `compute-died`; CancelledError where it was closed */
  async run(job: TrainingJob): Promise<Extract<TrainingNews, { kind: 'finished' }>> {
    const answer = await this.#ask({ kind: 'run', job })
    if (answer.kind !== 'finished') throw new Error(`Asked to run, it answered "${answer.kind}".`)
    return answer.finished
  }

  pause(): void {
    this.#process.send({ kind: 'pause' })
  }

  goOn(): void {
    this.#process.send({ kind: 'go-on' })
  }

  /** Of this image, a path, the learning is shown from now on. */
  preview(path: string): void {
    this.#process.send({ kind: 'preview', path })
  }

  /** Ends at the next step, and saves. */
  stop(): void {
    this.#process.send({ kind: 'stop' })
  }

  /** Ends the process at once; closing twice is allowed. */
  async close(): Promise<void> {
    this.#ended ??= new CancelledError()
    await this.#process.kill()
  }

  #ask(message: TrainingRequestMessage): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    this.#waiting = Promise.withResolvers()
    this.#process.send(message)
    return this.#waiting.promise
  }

  #receive(message: TrainingReplyMessage): void {
    if (message.kind === 'news') {
      try {
        this.#tell(message.news)
      } catch (thrown) {
        // What cannot be kept, as on a full disk, is not worth going on for.
        this.#waiting?.reject(thrown)
        this.#waiting = undefined
        void this.close()
      }
      return
    }
    const waiting = this.#waiting
    this.#waiting = undefined
    if (message.kind === 'failed') waiting?.reject(unpackError(message.error))
    else waiting?.resolve(message)
  }
}
