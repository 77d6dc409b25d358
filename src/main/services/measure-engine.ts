import { loadEngine } from '../../model/engine/engines.ts'
import { checkEngine } from '../../model/engine/self-test.ts'
import { buildNetwork } from '../../model/network/unet.ts'
import { RandomGenerator } from '../../model/random.ts'
import { stepsTogether } from '../../model/training/loop.ts'
import { initialiseWeights } from '../../model/weights/initialise.ts'
import type { EngineFigures } from '../../preload/contract/engines.ts'

const batch = 8
const side = 128
/** The first runs touch their memory for the first time, and are slow. */
const warmUpRuns = 1
const measuredRuns = 5
/** An engine that takes longer is slow, and that is known by then. */
const longestMilliseconds = 10_000

/**
 * Measures an engine on the network that training usually makes, from scratch: forward, and a training step where it trains. Some
 * seconds.
 * @throws SegscopeError `unknown-engine`, `engine-failed`, `engine-wrong`, or why the engine does not load
 */
export async function measureEngine(
  name: string,
  onProgress: (fraction: number) => void,
): Promise<EngineFigures> {
  const engine = await loadEngine(name)
  await checkEngine(engine)
  const network = buildNetwork({
    encoder: 'mobilenet-v2',
    alpha: 1,
    decoder: 'pix2pix',
    inputChannels: 1,
    classes: 3,
    dropout: 0,
  })
  const random = new RandomGenerator(0)
  const weights = initialiseWeights(network, random)
  const data = Float32Array.from({ length: batch * side * side }, () => random.normal())
  const labels = Uint8Array.from(data, () => random.nextInteger(network.classes))
  const images = { data, batch, channels: 1, height: side, width: side }

  const runs = (engine.trains ? 2 : 1) * (warmUpRuns + measuredRuns)
  let done = 0
  // Whatever else the computer does makes a run longer, never shorter: the shortest says most of the engine.
  const shortest = async (run: () => Promise<unknown>): Promise<number> => {
    let duration = Infinity
    const begun = performance.now()
    for (let index = 0; index < warmUpRuns + measuredRuns; index++) {
      const started = performance.now()
      await run()
      const isLate = performance.now() - begun > longestMilliseconds
      if (index >= warmUpRuns || isLate) duration = Math.min(duration, performance.now() - started)
      onProgress(++done / runs)
      if (isLate) break
    }
    return duration
  }

  const predictor = await engine.createPredictor(network, weights, { output: 'probabilities' })
  let forwardMilliseconds: number
  try {
    forwardMilliseconds = await shortest(() => predictor.run(images))
  } finally {
    await predictor.dispose()
  }
  const figures = { ...engine.describe(), forwardMilliseconds, measured: new Date().toISOString() }
  if (!engine.trains) return figures
  const state = { weights, firstMoments: new Map(), secondMoments: new Map(), step: 0 }
  const trainer = await engine.createTrainer(network, state, {
    batch,
    height: side,
    width: side,
    freezeEncoder: false,
    batchNorm: 'batch',
    batchNormMomentum: 0.1,
    classWeights: Array<number>(network.classes).fill(1),
    weightDecay: 1e-2,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    clipNorm: 1,
    diceWeight: 0,
  })
  try {
    const steps = Array.from({ length: stepsTogether }, () => ({
      images,
      labels,
      learningRate: 1e-3,
      dropoutSeed: 0,
    }))
    const stepsMilliseconds = await shortest(() => trainer.steps(steps))
    return { ...figures, stepMilliseconds: stepsMilliseconds / stepsTogether }
  } finally {
    await trainer.dispose()
  }
}
