import { describeError } from '../src/model/errors.ts'

/** What could not be measured, and why. */
export interface PartError {
  part: string
  reason: string
}

/** Runs the parts of the benchmark: of one that fails it keeps the reason, and the others go on. */
export class Parts {
  readonly errors: PartError[] = []

  /** @returns undefined where the part failed */
  async run<Result>(part: string, work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work()
    } catch (thrown) {
      this.errors.push({ part, reason: describeError(thrown) })
      return undefined
    }
  }
}
