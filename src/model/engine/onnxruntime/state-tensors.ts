import { Tensor as OrtTensor } from './library.ts'
import { copyTensors, elementCount, type NamedTensors } from '../../weights/tensor.ts'
import type { TrainingState } from '../engine.ts'
import { memberData, type StateBlock } from '../state-blocks.ts'
import { stateNames, type TrainingGraph } from './training-graph.ts'

export type OrtTensors = Record<string, OrtTensor>

/** The state of a training run as the training graph's tensors. Steps read one set and give the next. */
export class StateTensors {
  readonly #training: TrainingGraph
  /** All weights as they were at the start: what does not train stays so. */
  readonly #initial: NamedTensors
  /** Inputs that every step reads and none changes. */
  readonly fixed: OrtTensors = {}
  /** By the names of the step's inputs. */
  #current: OrtTensors = {}

  /** @param state is copied */
  constructor(training: TrainingGraph, state: TrainingState) {
    this.#training = training
    this.#initial = copyTensors(state.weights)
    for (const block of training.trained) {
      this.#hold(block.name, block, state.weights)
      this.#hold(stateNames.firstMoment(block.name), block, state.firstMoments)
      this.#hold(stateNames.secondMoment(block.name), block, state.secondMoments)
    }
    for (const block of training.moved) this.#hold(block.name, block, state.weights)
    for (const { name } of training.graph.inputs) {
      const tensor = this.#initial.get(name)
      if (tensor !== undefined && this.#current[name] === undefined) {
        this.fixed[name] = floatTensor([tensor.data.length], tensor.data)
      }
    }
  }

  /** What steps read and change, by the names of the step's inputs. */
  get current(): OrtTensors {
    return this.#current
  }

  /** @param valueOf what the steps made of each value of the state */
  advance(valueOf: (name: string) => OrtTensor): void {
    this.#current = Object.fromEntries(Object.keys(this.#current).map((name) => [name, valueOf(name)]))
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
