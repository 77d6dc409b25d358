import { CancelledError } from '../../model/errors.ts'
import { createReporter } from './create-reporter.ts'
import { exitStatus } from './exit-status.ts'
import { Interruption } from './interruption.ts'
import type { Reporter } from './reporter.ts'

/** Options that every command has; `src/main/cli.ts` adds them. */
export interface CommonOptions {
  json?: true
  debug?: true
}

/** What a command works with. */
export interface CommandContext {
  reporter: Reporter
  /** Aborted by Ctrl+C: stop at the next step, save, and throw a CancelledError that says what was saved, or return. */
  signal: AbortSignal
}

/**
 * Makes a command's work an action for commander: messages as text or by `--json`, Ctrl+C as an AbortSignal (a second
 * one ends the process), errors as text for people, and the exit status.
 */
export function runCommand<Options extends CommonOptions>(
  action: (options: Options, context: CommandContext) => Promise<void>,
): (options: Options) => Promise<void> {
  return async (options) => {
    const reporter = createReporter({ json: options.json === true })
    const interruption = new Interruption(() => {
      reporter.warn('Stopping at the next step. Press Ctrl+C again to end at once, without saving.')
    })
    try {
      await action(options, { reporter, signal: interruption.signal })
      const status = reporter.failedFiles > 0 ? exitStatus.someFilesFailed : exitStatus.done
      process.exitCode = interruption.exitStatus ?? status
    } catch (error) {
      if (interruption.exitStatus !== undefined && isCancellation(error)) {
        reporter.warn(error.message)
        process.exitCode = interruption.exitStatus
      } else {
        reporter.fatal(error, options.debug === true)
        process.exitCode = exitStatus.failed
      }
    } finally {
      reporter.end()
      interruption.end()
    }
  }
}

/** Ours, or the one of Node's own functions that take an AbortSignal. */
function isCancellation(error: unknown): error is Error {
  return error instanceof CancelledError || (error instanceof Error && error.name === 'AbortError')
}
