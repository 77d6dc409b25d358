import { Tensor as OrtTensor } from 'onnxruntime-node'
import { copyTensors, elementCount, type NamedTensors } from '../../weights/tensor.ts'
import type { TrainingState } from '../engine.ts'
import { memberData, type StateBlock } from '../state-blocks.ts'
import { stateNames, type TrainingGraph } from './training-graph.ts'

export type OrtTensors = Record<string, OrtTensor>

/**
 * The state of a training run in two sets of tensors: a step reads one and writes the other, then they change places. So
 * a step that fails leaves the state as it was. onnxruntime-node 1.30 fills the tensors that it is given and returns copies
 * of them all the same; to take the copies for the next state, and give none, is no faster.
 */
export class StateTensors {
  readonly #training: TrainingGraph
  /** All weights as they were at the start: what does not train stays so. */
  readonly #initial: NamedTensors
  /** Inputs that every step reads and none changes. */
  readonly #fixed: OrtTensors = {}
  #current: OrtTensors = {}
  #next: OrtTensors = {}

  /** @param inputs names of the graph's inputs; the state is copied */
  constructor(training: TrainingGraph, inputs: readonly string[], state: TrainingState) {
    this.#training = training
    this.#initial = copyTensors(state.weights)
    for (const block of training.trained) {
      this.#hold(block.name, block, state.weights)
      this.#hold(stateNames.firstMoment(block.name), block, state.firstMoments)
      this.#hold(stateNames.secondMoment(block.name), block, state.secondMoments)
    }
    for (const block of training.moved) this.#hold(block.name, block, state.weights)
    for (const name of inputs) {
      const tensor = this.#initial.get(name)
      if (tensor !== undefined && this.#current[name] === undefined) {
        this.#fixed[name] = floatTensor([tensor.data.length], tensor.data)
      }
    }
  }

  /** What a step reads. */
  get feeds(): OrtTensors {
    return { ...this.#fixed, ...this.#current }
  }

  /** Where a step writes. */
  get fetches(): OrtTensors {
    return Object.fromEntries(
      Object.entries(this.#next).map(([name, tensor]) => [stateNames.next(name), tensor] as const),
    )
  }

  /** The step is done: what it wrote is the state now. */
  swap(): void {
    const held = this.#current
    this.#current = this.#next
    this.#next = held
  }

  /** Views of the weights as they are now. */
  weights(): NamedTensors {
    const weights: NamedTensors = new Map(this.#initial)
    for (const block of [...this.#training.trained, ...this.#training.moved]) {
      this.#readMembers(block, block.name, weights)
    }
    return weights
  }

  /** Views of the first or the second moments as they are now. */
  moments(nameOf: (block: string) => string): NamedTensors {
    const moments: NamedTensors = new Map()
    for (const block of this.#training.trained) this.#readMembers(block, nameOf(block.name), moments)
    return moments
  }

  /** @param source by parameter; what it lacks begins at 0 */
  #hold(name: string, block: StateBlock, source: NamedTensors): void {
    const data = new Float32Array(block.size)
    for (const { parameter, offset } of block.members) {
      const values = source.get(parameter.name)?.data
      if (values !== undefined) data.set(values, offset)
    }
    this.#current[name] = floatTensor([block.size], data)
    this.#next[name] = floatTensor([block.size])
  }

  #readMembers(block: StateBlock, name: string, into: NamedTensors): void {
    const data = (this.#current[name] as OrtTensor).data as Float32Array
    for (const member of block.members) {
      into.set(member.parameter.name, { shape: member.parameter.shape, data: memberData(data, member) })
    }
  }
}

/** A float32 tensor of ONNX Runtime over the data, which is not copied. */
export function floatTensor(
  shape: readonly number[],
  data: Float32Array = new Float32Array(elementCount(shape)),
): OrtTensor {
  return new OrtTensor('float32', data, [...shape])
}
