import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const repository = resolve(import.meta.dirname, '../..')
const program = join(repository, 'bin/segscope.js')

/** The machine's own Node, as a user starts Segscope without npx; it may be older than the one that runs the tests. */
const systemNode = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .map((folder) => join(folder, process.platform === 'win32' ? 'node.exe' : 'node'))
  .find((path) => existsSync(path))

function segscope(
  arguments_: string[],
  node = process.execPath,
): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(node, [program, ...arguments_], (error, stdout, stderr) => {
      done({ status: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

describe('segscope', () => {
  test('--help names every command and the exit statuses', async () => {
    const { status, stdout } = await segscope(['--help'])
    expect(status).toBe(0)
    expect(stdout).toMatch(/doctor.*start.*Exit status: 0 done, 1 failed, 2 wrong usage/s)
  })

  test.each([[['no-such-command']], [['doctor', '--no-such-option']], [[]]])(
    'a wrong command line ends with status 2: %j',
    async (arguments_) => {
      const { status, stdout, stderr } = await segscope(arguments_)
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      expect(stderr).toMatch(/--help/)
    },
  )

  test('doctor says what the machine has, as text and as JSON', async () => {
    const [text, json] = await Promise.all([segscope(['doctor']), segscope(['doctor', '--json'])])
    expect([text.status, json.status]).toEqual([0, 0])
    expect(text.stdout).toMatch(
      /^Engines\n {2}ONNX Runtime +\d.*\n {2}ONNX Runtime on the GPU .*\n {2}TensorFlow +(not installed|\d)/m,
    )
    expect(text.stdout).toMatch(/^Trains +(ONNX Runtime|TensorFlow)\. .*\nPredicts +/m)
    expect(JSON.parse(json.stdout)).toMatchObject({
      kind: 'result',
      node: process.versions.node,
      engines: expect.arrayContaining([expect.objectContaining({ name: 'onnxruntime' })]) as unknown,
      training: { engine: expect.any(String) as string, reason: expect.any(String) as string },
      onnxRuntime: { backends: expect.arrayContaining(['cpu']) as unknown },
    })
  })
})

describe.skipIf(systemNode === undefined)("started by the machine's own Node", () => {
  test('runs on Node 24 or later, and the exit status passes through', async () => {
    const [doctor, wrong] = await Promise.all([
      segscope(['doctor', '--json'], systemNode),
      segscope(['no-such-command'], systemNode),
    ])
    expect(doctor.stderr).toBe('')
    expect(Number((JSON.parse(doctor.stdout) as { node: string }).node.split('.')[0])).toBeGreaterThanOrEqual(
      24,
    )
    expect(wrong.status).toBe(2)
  })

  test.skipIf(process.platform === 'win32')('passes a signal on, and ends as its child did', async () => {
    const child = spawn(systemNode as string, [
      join(repository, 'bin/node24.js'),
      '--eval',
      "process.once('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.log('ready')",
    ])
    await new Promise((ready) => child.stdout.once('data', ready))
    child.kill('SIGTERM')
    const [status] = await new Promise<[number | null]>((ended) =>
      child.once('exit', (code) => {
        ended([code])
      }),
    )
    expect(status).toBe(7)
  })
})
