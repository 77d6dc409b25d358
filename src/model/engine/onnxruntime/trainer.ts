import { type InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { Network } from '../../network/network.ts'
import { RandomGenerator } from '../../random.ts'
import { copyTensors, type NamedTensors } from '../../weights/tensor.ts'
import { adamWScalars } from '../adamw-scalars.ts'
import type { StepResult, Trainer, TrainerOptions, TrainingBatch, TrainingState } from '../engine.ts'
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
  const session = await createSession(training.graph, options.threads)
  const tensors = new StateTensors(training, session.inputNames, state)
  return new OnnxTrainer(session, tensors, training.dropoutMasks, network, options, state.step)
}

class OnnxTrainer implements Trainer {
  readonly #session: InferenceSession
  readonly #state: StateTensors
  readonly #dropoutMasks: readonly DropoutMask[]
  readonly #options: TrainerOptions
  readonly #masks: OrtTensors
  readonly #results: OrtTensors
  #step: number

  constructor(
    session: InferenceSession,
    state: StateTensors,
    dropoutMasks: readonly DropoutMask[],
    network: Network,
    options: TrainerOptions,
    step: number,
  ) {
    this.#session = session
    this.#state = state
    this.#dropoutMasks = dropoutMasks
    this.#options = options
    this.#step = step
    this.#masks = Object.fromEntries(dropoutMasks.map(({ name, shape }) => [name, floatTensor(shape)]))
    this.#results = {
      loss: floatTensor([]),
      gradient_norm: floatTensor([]),
      logits: floatTensor([network.classes, options.batch * options.height * options.width]),
    }
  }

  async step({ images, labels, learningRate, dropoutSeed }: TrainingBatch): Promise<StepResult> {
    const count = this.#step + 1
    const scalars = adamWScalars(count, learningRate, this.#options)
    this.#drawMasks(dropoutSeed)
    const feeds: OrtTensors = {
      ...this.#state.feeds,
      ...this.#masks,
      images: new OrtTensor('float32', images.data, [
        images.batch,
        images.channels,
        images.height,
        images.width,
      ]),
      labels: new OrtTensor('uint8', labels, [images.batch, images.height, images.width]),
      [stepInputs.decay]: scalar(scalars.decay),
      [stepInputs.stepSize]: scalar(scalars.stepSize),
      [stepInputs.epsilon]: scalar(scalars.epsilon),
    }
    try {
      await this.#session.run(feeds, { ...this.#results, ...this.#state.fetches })
    } catch (cause) {
      throw engineError('do a training step', cause)
    }
    this.#state.swap()
    this.#step = count
    return { loss: this.#result('loss'), gradientNorm: this.#result('gradient_norm') }
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

  #drawMasks(seed: number): void {
    const random = new RandomGenerator(seed)
    for (const { name, rate } of this.#dropoutMasks) {
      const data = (this.#masks[name] as OrtTensor).data as Float32Array
      const kept = 1 / (1 - rate)
      for (let index = 0; index < data.length; index++) data[index] = random.next() < rate ? 0 : kept
    }
  }

  #result(name: 'loss' | 'gradient_norm'): number {
    return ((this.#results[name] as OrtTensor).data as Float32Array)[0] as number
  }
}

function scalar(value: number): OrtTensor {
  return floatTensor([], Float32Array.of(value))
}
