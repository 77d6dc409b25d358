import { execFileSync } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { TrainingSession } from '../../../src/main/compute/training-session.ts'
import type { TrainingJob } from '../../../src/main/services/training-run.ts'

test.skipIf(process.platform === 'win32')(
  'a process that has died says so to whoever waits, and to who asks later',
  async () => {
    const session = new TrainingSession({}, () => undefined)
    onTestFinished(() => session.close())
    const prepared = session.prepare([], [], { seed: 1, freezeEncoder: false, engine: 'onnxruntime' })
    const died = { code: 'compute-died', message: expect.stringContaining('SIGTERM') as string }
    const told = expect(prepared).rejects.toMatchObject(died)
    process.kill(childNamed('training-process'), 'SIGTERM')
    await told
    await expect(session.run({} as TrainingJob)).rejects.toMatchObject(died)
  },
)

function childNamed(name: string): number {
  const listed = execFileSync('ps', ['-A', '-o', 'ppid=,pid=,args='], { encoding: 'utf8' }).split('\n')
  const line = listed.find(
    (each) => each.includes(name) && Number(each.trim().split(/\s+/)[0]) === process.pid,
  )
  return Number(line?.trim().split(/\s+/)[1])
}
