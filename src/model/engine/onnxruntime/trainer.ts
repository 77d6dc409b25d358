import { type InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { Network } from '../../network/network.ts'
import { RandomGenerator } from '../../random.ts'
import { copyTensors, elementCount, type NamedTensors } from '../../weights/tensor.ts'
import type { StepResult, Trainer, TrainerOptions, TrainingBatch, TrainingState } from '../engine.ts'
import { createSession, engineError } from './session.ts'
import { buildTrainingGraph, stateNames, stepInputs, type TrainingGraph } from './training-graph.ts'

type OrtTensors = Record<string, OrtTensor>

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
  return new OnnxTrainer(session, training, network, state, options)
}

/**
 * State lives in two sets of tensors: a step reads one and writes the other, then they change places. So nothing is
 * allocated or copied in a step, and a step that fails leaves the state as it was.
 */
class OnnxTrainer implements Trainer {
  readonly #session: InferenceSession
  readonly #training: TrainingGraph
  readonly #options: TrainerOptions
  /** Weights that this run does not change. */
  readonly #fixed: NamedTensors
  readonly #results: OrtTensors
  readonly #masks: OrtTensors
  #current: OrtTensors = {}
  #next: OrtTensors = {}
  #step: number

  constructor(
    session: InferenceSession,
    training: TrainingGraph,
    network: Network,
    state: TrainingState,
    options: TrainerOptions,
  ) {
    this.#session = session
    this.#training = training
    this.#options = options
    this.#step = state.step
    this.#fixed = new Map(state.weights)
    const take = (name: string, shape: readonly number[], data: Float32Array | undefined): void => {
      const flat = [elementCount(shape)]
      this.#current[name] = floatTensor(flat, data?.slice())
      this.#next[name] = floatTensor(flat)
    }
    for (const { name, shape } of training.trained) {
      take(name, shape, dataOf(state.weights, name))
      take(stateNames.firstMoment(name), shape, state.firstMoments.get(name)?.data)
      take(stateNames.secondMoment(name), shape, state.secondMoments.get(name)?.data)
    }
    for (const { name, shape } of training.moved) take(name, shape, dataOf(state.weights, name))
    // Frozen statistics of parts that train are read, and never written.
    const read = new Set(session.inputNames)
    for (const [name, tensor] of state.weights) {
      if (read.has(name) && this.#current[name] === undefined) {
        const fixed = floatTensor([tensor.data.length], tensor.data.slice())
        this.#current[name] = fixed
        this.#next[name] = fixed
      }
    }
    const pixels = options.batch * options.height * options.width
    this.#results = {
      loss: floatTensor([]),
      gradient_norm: floatTensor([]),
      logits: floatTensor([network.classes, pixels]),
    }
    this.#masks = Object.fromEntries(training.dropoutMasks.map(({ name, shape }) => [name, floatTensor(shape)]))
  }

  async step(batch: TrainingBatch): Promise<StepResult> {
    const { images, labels } = batch
    const { beta1, beta2, weightDecay } = this.#options
    const count = this.#step + 1
    this.#drawMasks(batch.dropoutSeed)
    const feeds: OrtTensors = {
      ...this.#current,
      ...this.#masks,
      images: new OrtTensor('float32', images.data, [images.batch, images.channels, images.height, images.width]),
      labels: new OrtTensor('uint8', labels, [images.batch, images.height, images.width]),
      [stepInputs.decay]: floatTensor([], Float32Array.of(1 - batch.learningRate * weightDecay)),
      [stepInputs.learningRate]: floatTensor([], Float32Array.of(batch.learningRate / (1 - beta1 ** count))),
      [stepInputs.secondMoment]: floatTensor([], Float32Array.of(1 / (1 - beta2 ** count))),
    }
    const fetches: OrtTensors = { ...this.#results }
    for (const name of this.#written()) fetches[stateNames.next(name)] = this.#next[name] as OrtTensor
    try {
      await this.#session.run(feeds, fetches)
    } catch (cause) {
      throw engineError('do a training step', cause)
    }
    const held = this.#current
    this.#current = this.#next
    this.#next = held
    this.#step = count
    return { loss: this.#scalar('loss'), gradientNorm: this.#scalar('gradient_norm') }
  }

  weights(): NamedTensors {
    const weights: NamedTensors = new Map()
    for (const [name, fixed] of this.#fixed) {
      const current = this.#current[name]
      weights.set(name, current === undefined ? fixed : { shape: fixed.shape, data: current.data as Float32Array })
    }
    return weights
  }

  state(): TrainingState {
    const moments = (nameOf: (parameter: string) => string): NamedTensors =>
      new Map(
        this.#training.trained.map(({ name, shape }) => [
          name,
          { shape, data: ((this.#current[nameOf(name)] as OrtTensor).data as Float32Array).slice() },
        ]),
      )
    return {
      weights: copyTensors(this.weights()),
      firstMoments: moments(stateNames.firstMoment),
      secondMoments: moments(stateNames.secondMoment),
      step: this.#step,
    }
  }

  async dispose(): Promise<void> {
    await this.#session.release()
  }

  *#written(): Iterable<string> {
    for (const { name } of this.#training.trained) {
      yield name
      yield stateNames.firstMoment(name)
      yield stateNames.secondMoment(name)
    }
    for (const { name } of this.#training.moved) yield name
  }

  #drawMasks(seed: number): void {
    const random = new RandomGenerator(seed)
    for (const { name, rate } of this.#training.dropoutMasks) {
      const data = (this.#masks[name] as OrtTensor).data as Float32Array
      const kept = 1 / (1 - rate)
      for (let index = 0; index < data.length; index++) data[index] = random.next() < rate ? 0 : kept
    }
  }

  #scalar(name: string): number {
    return ((this.#results[name] as OrtTensor).data as Float32Array)[0] as number
  }
}

function floatTensor(shape: readonly number[], data = new Float32Array(elementCount(shape))): OrtTensor {
  return new OrtTensor('float32', data, [...shape])
}

function dataOf(tensors: NamedTensors, name: string): Float32Array {
  const tensor = tensors.get(name)
  if (tensor === undefined) throw new Error(`The weights have no ${name}.`)
  return tensor.data
}
