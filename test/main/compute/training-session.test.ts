import { expect, onTestFinished, test } from 'vitest'
import { TrainingSession } from '../../../src/main/compute/training-session.ts'
import type { TrainingJob } from '../../../src/main/services/training-run.ts'
import { childProcesses } from '../child-processes.ts'

test.skipIf(process.platform === 'win32')(
  'a process that has died says so to whoever waits, and to who asks later',
  async () => {
    const session = new TrainingSession({}, () => undefined)
    onTestFinished(() => session.close())
    const prepared = session.prepare([], [], { seed: 1, freezeEncoder: false, engine: 'onnxruntime' })
    const died = { code: 'compute-died', message: expect.stringContaining('SIGTERM') as string }
    const told = expect(prepared).rejects.toMatchObject(died)
    for (const child of childProcesses('training-process')) process.kill(child, 'SIGTERM')
    await told
    await expect(session.run({} as TrainingJob)).rejects.toMatchObject(died)
  },
)
