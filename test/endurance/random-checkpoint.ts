import type { Plan } from '../../src/model/plan/plan.ts'
import type { NetworkDescription } from '../../src/model/network/network.ts'
import { buildNetwork } from '../../src/model/network/unet.ts'
import { RandomGenerator } from '../../src/model/random.ts'
import { writeCheckpoint } from '../../src/model/weights/checkpoint.ts'
import { initialiseWeights } from '../../src/model/weights/initialise.ts'
import { planWith } from '../model/training/fixtures.ts'

/** The network that training makes, for grey images and five classes. */
export const trueNetwork: NetworkDescription = {
  encoder: 'mobilenet-v2',
  alpha: 1,
  decoder: 'pix2pix',
  inputChannels: 1,
  classes: 5,
  dropout: 0,
}

/** A quick one of the same shape. */
export const smallNetwork: NetworkDescription = { ...trueNetwork, alpha: 0.35, decoder: 'slim' }

/** A checkpoint that has learned nothing, for what accuracy does not matter to. */
export async function writeRandomCheckpoint(
  path: string,
  network: NetworkDescription,
  changes: Partial<Plan> = {},
): Promise<void> {
  const plan = planWith({
    network,
    classNames: ['ground', 'colony', 'debris', 'rim', 'bubble'],
    normalisation: { channels: [{ low: 500, high: 4000 }], scope: 'data set' },
    classSampling: [0, 0, 0, 0, 0],
    classWeights: [1, 1, 1, 1, 1],
    diceWeight: 0,
    ...changes,
  })
  const header = {
    segscopeVersion: '0.0.0',
    engine: { name: 'none', version: '0', device: 'cpu', threads: 1 },
    createdAt: new Date(0).toISOString(),
    experiment: 'random',
    step: 0,
    plan,
  }
  await writeCheckpoint(path, header, initialiseWeights(buildNetwork(network), new RandomGenerator(1)))
}
