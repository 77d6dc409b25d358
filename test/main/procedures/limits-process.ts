/** A child process that says what limits it works under, and how many threads its engine has. */
import { readdirSync } from 'node:fs'
import { usableMemory } from '../../../src/main/services/usable-memory.ts'
import { memoryLeft } from '../../../src/model/engine/compute-limits.ts'
import { loadEngine } from '../../../src/model/engine/engines.ts'
import { buildNetwork } from '../../../src/model/network/unet.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { initialiseWeights } from '../../../src/model/weights/initialise.ts'
import { smallNetwork } from '../../endurance/random-checkpoint.ts'

export interface LimitsAnswer {
  /** That the engine says it uses, and that a session of it started. */
  threads: number
  computing: number
  /** In bytes. */
  left: number
  usable: number
}

/** Of this process; 0 where the system does not tell. */
function threads(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0
}

process.on('message', () => {
  void answer()
})
process.on('disconnect', () => process.exit(0))

async function answer(): Promise<void> {
  const engine = await loadEngine('onnxruntime')
  const before = threads()
  const network = buildNetwork(smallNetwork)
  const weights = initialiseWeights(network, new RandomGenerator(1))
  const predictor = await engine.createPredictor(network, weights, { output: 'logits' })
  const computing = threads() - before
  await predictor.dispose()
  const reply: LimitsAnswer = {
    threads: engine.describe().threads,
    computing,
    left: memoryLeft(),
    usable: usableMemory(),
  }
  process.send?.(reply)
}
