import type { Network } from '../../network/network.ts'
import { RandomGenerator } from '../../random.ts'
import { copyTensors, elementCount, type NamedTensors } from '../../weights/tensor.ts'
import { adamWScalars } from '../adamw-scalars.ts'
import type { StepResult, Trainer, TrainerOptions, TrainingBatch, TrainingState } from '../engine.ts'
import { memberData, type StateBlock } from '../state-blocks.ts'
import { fromTensorFlow, toTensorFlow } from './kernel-layout.ts'
import { loadTensorFlow } from './native.ts'
import { engineError, type Feeds, TensorFlowSession } from './session.ts'
import {
  blockShape,
  buildTrainingGraph,
  type DropoutMask,
  stateNames,
  stepInputs,
  stepOutputs,
  type TrainingGraph,
} from './training-graph.ts'
import { weighPixels } from './weigh-pixels.ts'
import { initialised, variableNames } from './variables.ts'

/**
 * Compiles the training step and takes over a copy of the state.
 * @throws SegscopeError `engine-not-installed`, `engine-failed`
 */
export async function createTensorFlowTrainer(
  network: Network,
  state: TrainingState,
  options: TrainerOptions,
): Promise<Trainer> {
  const native = await loadTensorFlow(options.threads)
  const training = buildTrainingGraph(network, state.weights, options)
  const session = await TensorFlowSession.create(native, training.nodes)
  try {
    session.run(initialFeeds(training, state), [initialised])
  } catch (cause) {
    session.dispose()
    throw engineError('prepare the training', cause)
  }
  return new TensorFlowTrainer(session, training, network, options, state)
}

function initialFeeds(
  training: TrainingGraph,
  { weights, firstMoments, secondMoments }: TrainingState,
): Feeds {
  const feeds: Record<string, Feeds[string]> = {}
  const feed = (name: string, block: StateBlock, source: NamedTensors): void => {
    const data = new Float32Array(block.size)
    for (const { parameter, offset } of block.members) {
      const values = source.get(parameter.name)?.data
      if (values !== undefined) data.set(toTensorFlow(parameter, values), offset)
    }
    feeds[variableNames.initial(name)] = { data, shape: blockShape(block) }
  }
  for (const block of training.trained) {
    feed(stateNames.weights(block.name), block, weights)
    feed(stateNames.firstMoment(block.name), block, firstMoments)
    feed(stateNames.secondMoment(block.name), block, secondMoments)
  }
  for (const block of training.statistics) feed(stateNames.weights(block.name), block, weights)
  return feeds
}

class TensorFlowTrainer implements Trainer {
  readonly #session: TensorFlowSession
  readonly #training: TrainingGraph
  readonly #network: Network
  readonly #options: TrainerOptions
  /** All weights as they were at the start: what does not train stays so. */
  readonly #initial: NamedTensors
  #step: number
  /** Read from the device when they are asked for, once a step at most. */
  #weights: NamedTensors | undefined

  constructor(
    session: TensorFlowSession,
    training: TrainingGraph,
    network: Network,
    options: TrainerOptions,
    state: TrainingState,
  ) {
    this.#session = session
    this.#training = training
    this.#network = network
    this.#options = options
    this.#initial = copyTensors(state.weights)
    this.#step = state.step
  }

  async steps(batches: readonly TrainingBatch[]): Promise<StepResult[]> {
    return batches.map((batch) => this.#doStep(batch))
  }

  weights(): NamedTensors {
    if (this.#weights === undefined) {
      this.#weights = new Map(this.#initial)
      this.#read(this.#training.trained, stateNames.weights, this.#weights)
      if (this.#training.moves) this.#read(this.#training.statistics, stateNames.weights, this.#weights)
    }
    return this.#weights
  }

  state(): TrainingState {
    const firstMoments: NamedTensors = new Map()
    const secondMoments: NamedTensors = new Map()
    this.#read(this.#training.trained, stateNames.firstMoment, firstMoments)
    this.#read(this.#training.trained, stateNames.secondMoment, secondMoments)
    return { weights: copyTensors(this.weights()), firstMoments, secondMoments, step: this.#step }
  }

  async dispose(): Promise<void> {
    this.#session.dispose()
  }

  #doStep({ images, labels, learningRate, dropoutSeed }: TrainingBatch): StepResult {
    const { batch, height, width, classWeights, diceWeight } = this.#options
    const { inputChannels } = this.#network
    const pixels = batch * height * width
    const fits =
      images.batch === batch &&
      images.channels === inputChannels &&
      images.height === height &&
      images.width === width &&
      images.data.length === pixels * inputChannels
    if (!fits || labels.length !== pixels) {
      throw new RangeError(
        `A step takes ${batch} images of ${inputChannels} x ${height} x ${width}, and a label for each pixel.`,
      )
    }
    const count = this.#step + 1
    const scalars = adamWScalars(count, learningRate, this.#options)
    const { classes, weights, labelled } = weighPixels(labels, classWeights)
    const feeds: Feeds = {
      [stepInputs.images]: { data: images.data, shape: [batch, inputChannels, height, width] },
      [stepInputs.labels]: { data: classes, shape: [pixels] },
      [stepInputs.pixelWeights]: { data: weights, shape: [pixels] },
      ...(diceWeight !== 0 && { [stepInputs.labelled]: { data: labelled, shape: [pixels] } }),
      [stepInputs.decay]: scalar(scalars.decay),
      [stepInputs.stepSize]: scalar(scalars.stepSize),
      [stepInputs.epsilon]: scalar(scalars.epsilon),
      ...drawMasks(this.#training.dropoutMasks, dropoutSeed),
    }
    let results: Float32Array[]
    try {
      results = this.#session.run(feeds, [stepOutputs.loss, stepOutputs.gradientNorm])
    } catch (cause) {
      throw engineError('do a training step', cause)
    }
    this.#step = count
    this.#weights = undefined
    const [loss, gradientNorm] = results.map((values) => values[0] as number)
    return { loss: loss as number, gradientNorm: gradientNorm as number }
  }

  #read(blocks: readonly StateBlock[], nameOf: (block: string) => string, into: NamedTensors): void {
    let values: Float32Array[]
    try {
      values = this.#session.run(
        {},
        blocks.map(({ name }) => variableNames.read(nameOf(name))),
      )
    } catch (cause) {
      throw engineError('read the state of the training', cause)
    }
    blocks.forEach(({ members }, index) => {
      for (const member of members) {
        const { name, shape } = member.parameter
        const data = fromTensorFlow(member.parameter, memberData(values[index] as Float32Array, member))
        into.set(name, { shape, data })
      }
    })
  }
}

/** The same masks as the other engine draws: channel by channel over the whole batch. */
function drawMasks(masks: readonly DropoutMask[], seed: number): Feeds {
  const random = new RandomGenerator(seed)
  return Object.fromEntries(
    masks.map(({ name, shape, rate }) => {
      const data = new Float32Array(elementCount(shape))
      const channels = shape[3]
      const kept = 1 / (1 - rate)
      for (let channel = 0; channel < channels; channel++) {
        for (let index = channel; index < data.length; index += channels) {
          data[index] = random.next() < rate ? 0 : kept
        }
      }
      return [name, { data, shape }]
    }),
  )
}

function scalar(value: number): Feeds[string] {
  return { data: Float32Array.of(value), shape: [] }
}
