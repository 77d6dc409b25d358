import { JsonReporter } from './json-reporter.ts'
import type { Reporter } from './reporter.ts'
import { TextReporter } from './text-reporter.ts'

/** Reports to standard output and standard error: as text, or with `json` as one JSON object a line. */
export function createReporter(options: { json: boolean }): Reporter {
  return options.json
    ? new JsonReporter(process.stdout, process.stderr)
    : new TextReporter(process.stdout, process.stderr)
}
