import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Past what the slowest file of tests takes on a busy machine. */
const patience = 7 * 60_000

/** Names each file of tests that has not ended after minutes, and where it is: a test that hangs is else seen by nobody. */
export class LastingTests implements Reporter {
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #at = new Map<string, string>()

  onTestModuleQueued({ moduleId, relativeModuleId }: TestModule): void {
    const say = (): void => {
      const where = this.#at.get(moduleId) ?? 'before its first test'
      console.error(`${relativeModuleId} has been running for ${patience / 60_000} minutes, now ${where}.`)
    }
    this.#timers.set(moduleId, setTimeout(say, patience).unref())
  }

  onTestCaseReady(test: TestCase): void {
    this.#at.set(test.module.moduleId, `in "${test.fullName}"`)
  }

  onTestCaseResult(test: TestCase): void {
    this.#at.set(test.module.moduleId, `after "${test.fullName}"`)
  }

  onTestModuleEnd({ moduleId }: TestModule): void {
    clearTimeout(this.#timers.get(moduleId))
  }
}
