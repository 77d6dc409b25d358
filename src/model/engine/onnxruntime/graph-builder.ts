import type {
  AttributeValue,
  ElementType,
  OnnxGraph,
  OnnxInitializer,
  OnnxNode,
  OnnxValue,
} from './onnx-model.ts'

/** A value of the graph under construction: its name and its shape, for the builders of operators. */
export interface Value {
  readonly name: string
  readonly shape: readonly number[]
}

/** The domain of ONNX Runtime's own operators. */
export const MICROSOFT = 'com.microsoft'

/** Collects nodes, constants, inputs and outputs of an ONNX graph with fixed shapes. */
export class GraphBuilder {
  readonly #nodes: OnnxNode[] = []
  readonly #initializers: OnnxInitializer[] = []
  readonly #inputs: OnnxValue[] = []
  readonly #outputs: OnnxValue[] = []
  readonly #constants = new Map<string, Value>()
  #count = 0

  /** Adds an input of the graph; a dimension with a name is free (-1 in the value's shape). */
  input(name: string, shape: readonly (number | string)[], type: ElementType = 'float'): Value {
    this.#inputs.push({ name, shape, type })
    return { name, shape: shape.map((extent) => (typeof extent === 'number' ? extent : -1)) }
  }

  /** Makes a value an output of the graph, under a name of its own; a dimension with a name is free. */
  output(name: string, value: Value, shape: readonly (number | string)[] = value.shape): void {
    this.#nodes.push({
      operator: 'Identity',
      domain: '',
      inputs: [value.name],
      outputs: [name],
      attributes: {},
    })
    this.#outputs.push({ name, shape, type: 'float' })
  }

  /** Adds a node with one output, whose shape the caller knows; `name` makes that output an output of the graph. */
  node(
    operator: string,
    inputs: readonly Value[],
    shape: readonly number[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    options: { domain?: string; outputName?: string } = {},
  ): Value {
    const name = options.outputName ?? `${operator}_${this.#count++}`
    this.#nodes.push({
      operator,
      domain: options.domain ?? '',
      inputs: inputs.map((input) => input.name),
      outputs: [name],
      attributes,
    })
    if (options.outputName !== undefined) this.#outputs.push({ name, shape, type: 'float' })
    return { name, shape }
  }

  /** Cuts a flat value into pieces of these sizes. */
  split(value: Value, sizes: readonly number[]): Value[] {
    const pieces = sizes.map((size) => ({ name: `Split_${this.#count++}`, shape: [size] }))
    this.#nodes.push({
      operator: 'Split',
      domain: '',
      inputs: [value.name, this.integers(sizes).name],
      outputs: pieces.map((piece) => piece.name),
      attributes: { axis: { int: 0 } },
    })
    return pieces
  }

  /** A weight that is fixed in the graph. */
  weight(name: string, shape: readonly number[], data: Float32Array): Value {
    this.#initializers.push({ name, type: 'float', shape, data })
    return { name, shape }
  }

  /** A small constant of floats; equal ones are shared. */
  constant(
    values: readonly number[],
    shape: readonly number[] = values.length === 1 ? [] : [values.length],
  ): Value {
    return this.#shared('float', Float32Array.from(values), shape)
  }

  /** A small constant of 64-bit integers (shapes, axes, positions); equal ones are shared. */
  integers(values: readonly number[]): Value {
    return this.#shared('int64', BigInt64Array.from(values, BigInt), [values.length])
  }

  /** Views a value with another shape of as many elements; no data moves. */
  reshape(value: Value, shape: readonly number[]): Value {
    if (shape.length === value.shape.length && shape.every((extent, axis) => extent === value.shape[axis]))
      return value
    return this.node('Reshape', [value, this.integers(shape)], shape)
  }

  finish(name: string): OnnxGraph {
    return {
      name,
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: this.#outputs,
    }
  }

  #shared(type: 'float' | 'int64', data: Float32Array | BigInt64Array, shape: readonly number[]): Value {
    const key = `${type}:${shape.join('x')}:${data.join(',')}`
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    const value: Value = { name: `constant_${this.#constants.size}`, shape }
    this.#initializers.push({ name: value.name, type, shape, data })
    this.#constants.set(key, value)
    return value
  }
}
