import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const program = resolve(import.meta.dirname, '../../../bin/segscope.js')

/** A line of `--json`. */
export type JsonLine = Record<string, unknown> & { kind: string }

export interface Ended {
  /** Null where a signal ended it. */
  status: number | null
  lines: JsonLine[]
  stderr: string
}

/** The last line of a kind. */
export function lineOf({ lines }: Ended, kind: string): JsonLine | undefined {
  return lines.findLast((line) => line.kind === kind)
}

/**
 * Runs the command line as a script does, with `--json`, to its end.
 * @param onLine may send a signal
 * @param environment this process's own where undefined
 */
export async function segscope(
  arguments_: readonly string[],
  onLine: (line: JsonLine, kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...arguments_, '--json'], { env: environment })
  const lines: JsonLine[] = []
  let stderr = ''
  let rest = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const complete = (rest + text).split('\n')
    rest = complete.pop() ?? ''
    for (const line of complete) {
      const parsed = JSON.parse(line) as JsonLine
      lines.push(parsed)
      onLine(parsed, (signal) => child.kill(signal))
    }
  })
  const status = await new Promise<number | null>((ended) => child.on('close', ended))
  return { status, lines, stderr }
}
