import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import type { About } from '../../preload/contract/about.ts'
import type { Job } from '../../preload/contract/jobs.ts'
import { scrub, scrubStack } from './scrub.ts'

const fileName = 'log.jsonl'
const olderName = 'log-older.jsonl'
const largestBytes = 500_000

/**
 * What went wrong and how work ended, a JSON object a line, in `log.jsonl` of the settings' folder; when that is full it becomes
 * `log-older.jsonl`. Names are taken out before anything is written, so that the file may be given to anybody.
 */
export class ProblemLog {
  readonly #folder: string
  readonly #names: () => Iterable<string>
  /** Settles when all that was added is written, or could not be. */
  #written: Promise<void> = Promise.resolve()
  #warned = false

  /** @param names what a person named, see `scrub` */
  constructor(folder: string, names: () => Iterable<string>) {
    this.#folder = folder
    this.#names = names
  }

  /** To be the first thing that is added: it makes the folder. */
  async addStart({ segscope, electron, platform, door }: About): Promise<void> {
    this.#written = mkdir(this.#folder, { recursive: true }).then(() => undefined, this.#warn)
    this.#add({ kind: 'start', segscope, electron, platform, door, node: process.versions.node })
    await this.#written
  }

  /** What was thrown to a page. That somebody gave work up is no problem. */
  addProblem(thrown: unknown): void {
    if (thrown instanceof CancelledError) return
    const { code, file } = thrown instanceof SegscopeError ? thrown : { code: 'defect', file: undefined }
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    this.#add({
      kind: 'problem',
      code,
      message: this.#scrub(error.message, file),
      ...(error.cause instanceof Error && { cause: this.#scrub(error.cause.message, file) }),
      at: scrubStack(error.stack).slice(0, 12),
    })
  }

  addJob({ kind: job, state, fraction, problem, files }: Job): void {
    this.#add({
      kind: 'job',
      job,
      state,
      fraction: Number(fraction.toFixed(3)),
      ...(problem !== undefined && {
        code: problem.code,
        message: this.#scrub(problem.message, problem.file),
      }),
      ...(files !== undefined && { done: files.done, failed: files.failed.map((each) => each.problem.code) }),
    })
  }

  /** All of it, oldest first, as it may be given away. */
  async text(): Promise<string> {
    await this.#written
    const read = (name: string): Promise<string> =>
      readFile(join(this.#folder, name), 'utf8').catch((thrown: unknown) => {
        if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return ''
        throw thrown
      })
    return (await read(olderName)) + (await read(fileName))
  }

  /**
   * Writes it into a folder, under a name of its own.
   * @throws SegscopeError where it cannot be written
   */
  async save(folder: string): Promise<string> {
    const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
    const file = join(folder, `segscope-log-${time}.txt`)
    await writeFileAtomically(file, [Buffer.from(await this.text())])
    return file
  }

  #add(entry: Record<string, unknown>): void {
    const line = `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`
    this.#written = this.#written.then(() => this.#append(line)).catch(this.#warn)
  }

  async #append(line: string): Promise<void> {
    const file = join(this.#folder, fileName)
    const size = (await stat(file).catch(() => undefined))?.size ?? 0
    if (size > largestBytes) await rename(file, join(this.#folder, olderName))
    await appendFile(file, line)
  }

  #scrub(text: string, file: string | undefined): string {
    return scrub(text, file === undefined ? this.#names() : [file, ...this.#names()])
  }

  /** Nobody waits for the log, and its own failure must not hide what it was to tell; once is enough. */
  readonly #warn = (thrown: unknown): void => {
    if (this.#warned) return
    this.#warned = true
    process.emitWarning(`The log could not be written: ${String(thrown)}`)
  }
}
