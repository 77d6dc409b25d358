import type { AttributeValue, ElementType, GraphNode } from './saved-model.ts'

/** A value of the graph under construction, as nodes name their inputs (`name` or `name:output`). */
export type Value = string

/** Collects the nodes of a TensorFlow graph. */
export class GraphBuilder {
  readonly #nodes: GraphNode[] = []
  readonly #constants = new Map<string, Value>()
  #count = 0

  get nodes(): readonly GraphNode[] {
    return this.#nodes
  }

  /**
   * Adds a node and returns its first output; `output` names the others.
   * @param options name under which it is fed or fetched; nodes that must have run before it
   */
  node(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    options: { name?: string; after?: readonly Value[] } = {},
  ): Value {
    const name = options.name ?? `${operator}_${this.#count++}`
    const after = (options.after ?? []).map((value) => `^${value.split(':')[0] as string}`)
    this.#nodes.push({ name, operator, inputs: [...inputs, ...after], attributes })
    return name
  }

  /** What a run feeds; extents of -1 are free. */
  placeholder(name: string, shape: readonly number[], type: ElementType = 'float'): Value {
    return this.node('Placeholder', [], { dtype: { type }, shape: { shape } }, { name })
  }

  /** Gives a value the name under which it is fetched. */
  output(name: string, value: Value, after: readonly Value[] = []): Value {
    return this.node('Identity', [value], { T: { type: 'float' } }, { name, after })
  }

  /** A weight that is fixed in the graph. */
  weight(shape: readonly number[], data: Float32Array): Value {
    return this.node('Const', [], {
      dtype: { type: 'float' },
      value: { tensor: { type: 'float', shape, data } },
    })
  }

  /** A small constant of floats; equal ones are shared. */
  constant(values: readonly number[] | number): Value {
    return this.#shared('float', Float32Array.from([values].flat()), typeof values === 'number')
  }

  /** A small constant of integers (shapes, axes, positions); equal ones are shared. */
  integers(values: readonly number[] | number): Value {
    return this.#shared('int32', Int32Array.from([values].flat()), typeof values === 'number')
  }

  /** An operator on floats with two inputs. */
  binary(operator: string, left: Value, right: Value): Value {
    return this.node(operator, [left, right], { T: { type: 'float' } })
  }

  reshape(value: Value, shape: readonly number[]): Value {
    return this.node('Reshape', [value, this.integers(shape)], {
      T: { type: 'float' },
      Tshape: { type: 'int32' },
    })
  }

  transpose(value: Value, axes: readonly number[]): Value {
    return this.node('Transpose', [value, this.integers(axes)], {
      T: { type: 'float' },
      Tperm: { type: 'int32' },
    })
  }

  concatenate(values: readonly Value[], axis: number): Value {
    if (values.length === 1) return values[0] as Value
    return this.node('ConcatV2', [...values, this.integers(axis)], {
      N: { int: values.length },
      T: { type: 'float' },
      Tidx: { type: 'int32' },
    })
  }

  /** Cuts a value into pieces of these sizes. */
  split(value: Value, sizes: readonly number[], axis: number): Value[] {
    if (sizes.length === 1) return [value]
    const name = this.node('SplitV', [value, this.integers(sizes), this.integers(axis)], {
      T: { type: 'float' },
      Tlen: { type: 'int32' },
      num_split: { int: sizes.length },
    })
    return sizes.map((_, index) => output(name, index))
  }

  sum(values: readonly Value[]): Value {
    if (values.length === 1) return values[0] as Value
    return this.node('AddN', values, { N: { int: values.length }, T: { type: 'float' } })
  }

  #shared(type: 'float' | 'int32', data: Float32Array | Int32Array, scalar: boolean): Value {
    const key = `${type}:${scalar}:${data.join(',')}`
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    const shape = scalar ? [] : [data.length]
    const value = this.node('Const', [], { dtype: { type }, value: { tensor: { type, shape, data } } })
    this.#constants.set(key, value)
    return value
  }
}

/** A further output of a node. */
export function output(node: Value, index: number): Value {
  return index === 0 ? node : `${node}:${index}`
}
