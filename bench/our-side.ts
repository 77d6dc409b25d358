import { loadEngine } from '../src/model/engine/engines.ts'
import { stepsTogether } from '../src/model/training/loop.ts'
import { RandomGenerator } from '../src/model/random.ts'
import { initialiseWeights } from '../src/model/weights/initialise.ts'
import { makeBatch, type Measurement, network } from './workload.ts'

/** One measurement's work, compiled and ready. */
export interface PreparedWork {
  /** How many times a run does what is measured. */
  repeats: number
  run(): Promise<unknown>
  dispose(): Promise<void>
}

/** Prepares an engine: the forward pass as in prediction, or a training step as a plan asks for it. */
export async function prepareWork(
  engineName: string,
  what: Measurement,
  threads: number,
): Promise<PreparedWork> {
  const engine = await loadEngine(engineName)
  const weights = initialiseWeights(network, new RandomGenerator(0))
  const batch = makeBatch()
  if (what === 'forward') {
    const predictor = await engine.createPredictor(network, weights, { output: 'logits', threads })
    return { repeats: 1, run: () => predictor.run(batch.images), dispose: () => predictor.dispose() }
  }
  const { batch: patches, height, width } = batch.images
  const trainer = await engine.createTrainer(
    network,
    { weights, firstMoments: new Map(), secondMoments: new Map(), step: 0 },
    {
      batch: patches,
      height,
      width,
      freezeEncoder: what === 'step_frozen',
      batchNorm: 'batch',
      batchNormMomentum: 0.1,
      classWeights: Array<number>(network.classes).fill(1),
      diceWeight: 0,
      weightDecay: 1e-2,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      clipNorm: 1,
      threads,
    },
  )
  // As many as training does in one go.
  const batches = Array<typeof batch>(stepsTogether).fill(batch)
  return { repeats: stepsTogether, run: () => trainer.steps(batches), dispose: () => trainer.dispose() }
}
