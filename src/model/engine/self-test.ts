import { SegscopeError } from '../errors.ts'
import { buildNetwork } from '../network/unet.ts'
import { RandomGenerator } from '../random.ts'
import { initialiseWeights } from '../weights/initialise.ts'
import type { NamedTensors } from '../weights/tensor.ts'
import type { Engine, ImageBatch, TrainerOptions } from './engine.ts'

const size = 64
const network = buildNetwork({
  encoder: 'mobilenet-v2',
  alpha: 0.35,
  decoder: 'slim',
  inputChannels: 1,
  classes: 3,
  dropout: 0,
})

const options: TrainerOptions = {
  batch: 2,
  height: size,
  width: size,
  freezeEncoder: false,
  batchNorm: 'batch',
  batchNormMomentum: 0.01,
  classWeights: [1, 1, 1],
  diceWeight: 0,
  weightDecay: 1e-2,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clipNorm: 1,
}

/** What the check below must give. Computed with ONNX Runtime, whose network and training are tested against PyTorch. */
const expected = {
  logits: [
    -0.145995, -5.741432, -1.280173, 0.384155, 4.273824, 6.914127, -11.244987, -2.560515, 11.900785, -8.83181,
    3.723497, -3.54639,
  ],
  logitsNorm: 5.185561,
  losses: [3.460999, 3.225449, 3.029096],
  gradientNorm: 9.8022,
}

/**
 * Has an engine predict and, where it can, train a small network of known weights on a known image: an engine that loads may still compute
 * nonsense on a device.
 * @throws SegscopeError `engine-wrong`, and what the engine throws
 */
export async function checkEngine(engine: Engine): Promise<void> {
  const { logits, logitsNorm } = await predict(engine)
  compare(engine, 'predicts', logits, expected.logits, 1e-3)
  compare(engine, 'predicts', [logitsNorm], [expected.logitsNorm], 1e-3)
  if (!engine.trains) return
  const { losses, gradientNorm } = await train(engine)
  compare(engine, 'trains', losses, expected.losses, 1e-2)
  // Rounding alone moves gradients by up to 1 %, across the bends of ReLU6, and later ones with them.
  compare(engine, 'trains', [gradientNorm], [expected.gradientNorm], 0.3)
}

/** What the network is given, its weights and the labels. */
function makeInput(): { weights: NamedTensors; images: ImageBatch; labels: Uint8Array } {
  const weights = initialiseWeights(network, new RandomGenerator(1))
  // The head starts with small weights; larger ones show more.
  weights.get('head.kernel')?.data.forEach((value, index, data) => (data[index] = 30 * value))
  const random = new RandomGenerator(2)
  const pixels = options.batch * size * size
  const images: ImageBatch = {
    data: Float32Array.from({ length: pixels }, () => random.uniform(-1, 1)),
    batch: options.batch,
    channels: 1,
    height: size,
    width: size,
  }
  const labels = Uint8Array.from({ length: pixels }, (_, pixel) => [0, 1, 2, 255][(pixel >> 3) % 4] as number)

  return { weights, images, labels }
}

/** Some logits, and the root mean square of all. */
async function predict(engine: Engine): Promise<{ logits: number[]; logitsNorm: number }> {
  const { weights, images } = makeInput()
  const predictor = await engine.createPredictor(network, weights, { output: 'logits' })
  const { data } = await predictor.run(images)
  const logits = Array.from({ length: 12 }, (_, index) => data[index * 2011] as number)
  const logitsNorm = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length)
  await predictor.dispose()
  return { logits, logitsNorm }
}

/** The first gradient's norm, and the losses of three steps: the second and third depend on the whole backward pass and the optimiser. */
async function train(engine: Engine): Promise<{ losses: number[]; gradientNorm: number }> {
  const { weights, images, labels } = makeInput()
  const fresh = { weights, firstMoments: new Map(), secondMoments: new Map(), step: 0 }
  const trainer = await engine.createTrainer(network, fresh, options)
  const results = await trainer.steps(
    [0, 1, 2].map((dropoutSeed) => ({ images, labels, learningRate: 1e-3, dropoutSeed })),
  )
  await trainer.dispose()
  return { losses: results.map(({ loss }) => loss), gradientNorm: results[0]?.gradientNorm ?? NaN }
}

function compare(
  engine: Engine,
  what: string,
  computed: readonly number[],
  known: readonly number[],
  tolerance: number,
): void {
  const difference = Math.max(...known.map((value, index) => Math.abs((computed[index] as number) - value)))
  // Not >: that would let NaN pass.
  if (difference <= tolerance) return
  const { name, device } = engine.describe()
  throw new SegscopeError(
    'engine-wrong',
    `The engine ${name} ${what} wrongly on ${device}: its results are off by ${difference} where ${tolerance} is allowed.`,
    { remedy: 'Choose another engine or device, and report this with the output of "segscope doctor".' },
  )
}
