import type { Engine } from '../../model/engine/engine.ts'
import type { Network } from '../../model/network/network.ts'
import type { Plan } from '../../model/plan/plan.ts'
import { stepsTogether, trainerOptions } from '../../model/training/loop.ts'
import type { NamedTensors } from '../../model/weights/tensor.ts'
import type { BatchStream } from '../compute/batch-stream.ts'

/** After one that touches its memory for the first time, and is slow. */
const measuredRounds = 3

/** How long a training step of this plan takes here, in milliseconds: the median of some rounds, on real batches, thrown away. */
export async function measureStep(
  engine: Engine,
  network: Network,
  weights: NamedTensors,
  plan: Plan,
  batches: BatchStream,
): Promise<number> {
  const state = { weights, firstMoments: new Map(), secondMoments: new Map(), step: 0 }
  const trainer = await engine.createTrainer(network, state, trainerOptions(plan))
  try {
    const durations: number[] = []
    for (let round = 0; round <= measuredRounds; round++) {
      const started = performance.now()
      const ofRound = []
      // As many as a run does in one go; the first round only warms up.
      for (let step = 0; step < (round === 0 ? 1 : stepsTogether); step++) {
        ofRound.push({ ...(await batches.next(stepsTogether * round + step)), learningRate: 0 })
      }
      await trainer.steps(ofRound)
      if (round > 0) durations.push((performance.now() - started) / stepsTogether)
    }
    return durations.sort((left, right) => left - right)[durations.length >> 1] as number
  } finally {
    await trainer.dispose()
  }
}
