/** The child process that tries a runtime, whose folder is the argument: what crashes here takes nothing with it. */
import { checkEngine } from '../../model/engine/self-test.ts'
import { openTensorFlowEngine } from '../../model/engine/tensorflow/index.ts'
import { readRuntime } from '../../model/engine/tensorflow/installed-runtime.ts'
import { describeError } from '../../model/errors.ts'
import type { TrialReply } from './try-runtime.ts'

async function tryFolder(folder: string): Promise<TrialReply> {
  try {
    const runtime = readRuntime(folder)
    if (runtime === undefined) throw new Error(`There is no runtime in ${folder}.`)
    const engine = await openTensorFlowEngine(runtime)
    await checkEngine(engine)
    return { device: engine.describe().device }
  } catch (thrown) {
    return { problem: describeError(thrown) }
  }
}

process.on('disconnect', () => process.exit(0))
const reply = await tryFolder(process.argv[2] as string)
process.send?.(reply, () => process.exit(0))
