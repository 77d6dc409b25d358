/** A tensor on the CPU: float32, row-major. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** Tensors by the network's parameter names, in the network's order. Layouts as in `src/model/network/parameters.ts`. */
export type NamedTensors = Map<string, Tensor>

/** The number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1)
}

/** The same tensors with data of their own. */
export function copyTensors(tensors: NamedTensors): NamedTensors {
  return new Map(
    [...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }] as const),
  )
}
