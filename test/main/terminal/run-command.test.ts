import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const source = resolve(import.meta.dirname, '../../../src')

/** Runs a command's action in a process of its own, signals it once it says "ready" (and again, later), and waits for its end. */
function run(action: string, signals: { name: NodeJS.Signals; afterMilliseconds: number }[] = []) {
  const script = `
    import { runCommand } from '${source}/main/terminal/run-command.ts'
    import { CancelledError, SegscopeError } from '${source}/model/errors.ts'
    import { setTimeout as sleep } from 'node:timers/promises'
    await runCommand(async (options, { reporter, signal }) => { ${action} })({})
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script])
  let output = ''
  let sent = false
  return new Promise<{ status: number | null; signal: NodeJS.Signals | null; output: string }>((done) => {
    const collect = (chunk: Buffer): void => {
      output += chunk.toString()
      if (sent || !output.includes('ready')) return
      sent = true
      for (const { name, afterMilliseconds } of signals) setTimeout(() => child.kill(name), afterMilliseconds)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('close', (status, signal) => {
      done({ status, signal, output })
    })
  })
}

/** What a command does that saves as soon as it is asked to stop. */
const stopsAndSaves = `
  reporter.info('ready')
  while (!signal.aborted) await sleep(5)
  await sleep(50)
  throw new CancelledError('Stopped at step 7; saved.')
`
const neverStops = "reporter.info('ready'); while (true) await sleep(5)"

describe.skipIf(process.platform === 'win32')('exit statuses', () => {
  test.each([
    ['done', 'reporter.info("fine")', 0, 'fine\n'],
    [
      'an error for people',
      "throw new SegscopeError('no-labels', 'No labels.', { remedy: 'Paint some.' })",
      1,
      'Error: No labels. Paint some.\n',
    ],
    [
      'some files failed',
      "reporter.failed('a.tif', new SegscopeError('cut', 'It is cut.'))",
      3,
      'Failed: a.tif: It is cut.\n',
    ],
  ])('%s', async (_name, action, status, output) => {
    expect(await run(action)).toMatchObject({ status, output })
  })

  test('Ctrl+C lets the command save, even when the signal arrives twice', async () => {
    const twice = [0, 20].map((afterMilliseconds) => ({ name: 'SIGINT' as const, afterMilliseconds }))
    const { status, output } = await run(stopsAndSaves, twice)
    expect(status).toBe(130)
    expect(output).toMatch(/Stopping at the next step.*Stopped at step 7; saved\.\n$/s)
  })

  test('a later Ctrl+C ends the process at once, by the signal, as a shell expects it', async () => {
    const later = [0, 700].map((afterMilliseconds) => ({ name: 'SIGTERM' as const, afterMilliseconds }))
    expect(await run(neverStops, later)).toMatchObject({ status: null, signal: 'SIGTERM' })
  })
})
