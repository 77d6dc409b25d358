import type { Engine } from '../../model/engine/engine.ts'
import type { Network } from '../../model/network/network.ts'
import type { Plan } from '../../model/plan/plan.ts'
import { trainerOptions } from '../../model/training/loop.ts'
import type { NamedTensors } from '../../model/weights/tensor.ts'
import type { BatchStream } from '../compute/batch-stream.ts'

/** The first steps touch their memory for the first time, and are slow. */
const warmUpSteps = 2
const measuredSteps = 5

/** How long a training step of this plan takes here, in milliseconds: the median of some, on real batches, thrown away. */
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
    for (let step = 0; step < warmUpSteps + measuredSteps; step++) {
      const started = performance.now()
      await trainer.step({ ...(await batches.next(step)), learningRate: 0 })
      if (step >= warmUpSteps) durations.push(performance.now() - started)
    }
    return durations.sort((left, right) => left - right)[durations.length >> 1] as number
  } finally {
    await trainer.dispose()
  }
}
