import { buildNetwork } from '../../model/network/unet.ts'
import type { Plan } from '../../model/plan/plan.ts'
import { RandomGenerator } from '../../model/random.ts'
import { initialiseWeights } from '../../model/weights/initialise.ts'
import { readStartingWeights, readWhatFits } from '../../model/weights/starting-weights.ts'
import type { NamedTensors } from '../../model/weights/tensor.ts'
import { STARTING_NETWORK, startingNetworkFile } from './starting-network.ts'

/**
 * The weights before the first step: the plan's seed decides on what no file brings.
 * @param file Keras's weights, a checkpoint, or STARTING_NETWORK; undefined: from scratch
 * @throws SegscopeError as `readStartingWeights`
 */
export async function startingWeights(plan: Plan, file: string | undefined): Promise<NamedTensors> {
  const network = buildNetwork(plan.network)
  const random = new RandomGenerator(plan.seed)
  if (file === undefined) return initialiseWeights(network, random)
  if (file === STARTING_NETWORK) return (await readWhatFits(startingNetworkFile, network, random)).weights
  return (await readStartingWeights(file, network, random)).weights
}
