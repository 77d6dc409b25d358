import { type InferenceSession, Tensor as OrtTensor } from './library.ts'
import type { Network } from '../../network/network.ts'
import { RandomGenerator } from '../../random.ts'
import { copyTensors, elementCount, type NamedTensors } from '../../weights/tensor.ts'
import { adamWScalars } from '../adamw-scalars.ts'
import type { StepResult, Trainer, TrainerOptions, TrainingBatch, TrainingState } from '../engine.ts'
import { repeatedNames, repeatSteps } from './repeated-steps.ts'
import { createSession, engineError } from './session.ts'
import { floatTensor, type OrtTensors, StateTensors } from './state-tensors.ts'
import { buildTrainingGraph, type DropoutMask, stateNames, stepInputs } from './training-graph.ts'

/**
 * Compiles the training step and takes over a copy of the state.
 * @throws SegscopeError `engine-failed`
 */
export async function createOnnxTrainer(
  network: Network,
  state: TrainingState,
  options: TrainerOptions,
): Promise<Trainer> {
  const training = buildTrainingGraph(network, state.weights, options)
  const own = [
    'images',
    'labels',
    ...Object.values(stepInputs),
    ...training.dropoutMasks.map(({ name }) => name),
  ]
  const session = await createSession(
    repeatSteps(training.graph, own, ['loss', 'gradient_norm']),
    options.threads,
  )
  const tensors = new StateTensors(training, state)
  return new OnnxTrainer(session, tensors, training.dropoutMasks, options, state.step)
}

class OnnxTrainer implements Trainer {
  readonly #session: InferenceSession
  readonly #state: StateTensors
  readonly #dropoutMasks: readonly DropoutMask[]
  readonly #options: TrainerOptions
  #step: number

  constructor(
    session: InferenceSession,
    state: StateTensors,
    dropoutMasks: readonly DropoutMask[],
    options: TrainerOptions,
    step: number,
  ) {
    this.#session = session
    this.#state = state
    this.#dropoutMasks = dropoutMasks
    this.#options = options
    this.#step = step
  }

  async steps(batches: readonly TrainingBatch[]): Promise<StepResult[]> {
    const count = batches.length
    const feeds: OrtTensors = { ...this.#state.fixed }
    for (const [name, tensor] of Object.entries(this.#state.current)) {
      feeds[repeatedNames.before(name)] = tensor
    }
    feeds[repeatedNames.count] = new OrtTensor('int64', BigInt64Array.of(BigInt(count)), [])
    for (const [name, tensor] of Object.entries(this.#stacked(batches)))
      feeds[repeatedNames.each(name)] = tensor
    let results: InferenceSession.ReturnType
    try {
      results = await this.#session.run(feeds)
    } catch (cause) {
      throw engineError('do a training step', cause)
    }
    const result = (name: string): OrtTensor => results[name] as OrtTensor
    this.#state.advance((name) => result(repeatedNames.after(name)))
    this.#step += count
    const [losses, norms] = ['loss', 'gradient_norm'].map(
      (name) => result(repeatedNames.all(name)).data as Float32Array,
    ) as [Float32Array, Float32Array]
    return batches.map((_, index) => ({
      loss: losses[index] as number,
      gradientNorm: norms[index] as number,
    }))
  }

  weights(): NamedTensors {
    return this.#state.weights()
  }

  state(): TrainingState {
    return {
      weights: copyTensors(this.#state.weights()),
      firstMoments: copyTensors(this.#state.moments(stateNames.firstMoment)),
      secondMoments: copyTensors(this.#state.moments(stateNames.secondMoment)),
      step: this.#step,
    }
  }

  async dispose(): Promise<void> {
    await this.#session.release()
  }

  /** What each step has its own of, one behind the other. */
  #stacked(batches: readonly TrainingBatch[]): OrtTensors {
    const { batch, height, width } = this.#options
    const count = batches.length
    const channels = batches[0]?.images.channels ?? 0
    const images = floatTensor([count, batch, channels, height, width])
    const labels = new Uint8Array(count * batch * height * width)
    const scalars = batches.map(({ learningRate }, index) =>
      adamWScalars(this.#step + index + 1, learningRate, this.#options),
    )
    batches.forEach((each, index) => {
      const sizes = [each.images.data.length * count, each.labels.length * count]
      if (sizes[0] !== images.data.length || sizes[1] !== labels.length) {
        throw new RangeError(
          `A step takes ${batch} images of ${channels} x ${height} x ${width}, and a label for each pixel.`,
        )
      }
      ;(images.data as Float32Array).set(each.images.data, index * each.images.data.length)
      labels.set(each.labels, index * each.labels.length)
    })
    const ofSteps = (name: keyof typeof stepInputs): OrtTensor =>
      floatTensor(
        [count],
        Float32Array.from(scalars, (ofStep) => ofStep[name]),
      )
    return {
      images,
      labels: new OrtTensor('uint8', labels, [count, batch, height, width]),
      [stepInputs.decay]: ofSteps('decay'),
      [stepInputs.stepSize]: ofSteps('stepSize'),
      [stepInputs.epsilon]: ofSteps('epsilon'),
      ...this.#drawMasks(batches),
    }
  }

  #drawMasks(batches: readonly TrainingBatch[]): OrtTensors {
    const masks = this.#dropoutMasks.map(({ name, shape }) => [name, floatTensor([batches.length, ...shape])])
    batches.forEach(({ dropoutSeed }, index) => {
      const random = new RandomGenerator(dropoutSeed)
      this.#dropoutMasks.forEach(({ shape, rate }, number) => {
        const size = elementCount(shape)
        const data = ((masks[number] as [string, OrtTensor])[1].data as Float32Array).subarray(
          index * size,
          (index + 1) * size,
        )
        const kept = 1 / (1 - rate)
        for (let place = 0; place < size; place++) data[place] = random.next() < rate ? 0 : kept
      })
    })
    return Object.fromEntries(masks) as OrtTensors
  }
}
