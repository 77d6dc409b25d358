import type { Parameter } from '../../network/parameters.ts'
import { elementCount } from '../../weights/tensor.ts'

/**
 * Where the axes of the network's kernels (`src/model/network/parameters.ts`) come from in TensorFlow's: `[kh, kw, in, out]`, `[kh, kw,
 * channels, 1]` where depthwise, `[kh, kw, out, in]` where transposed. All others are vectors.
 */
const axes: Partial<Record<Parameter['role'], readonly [number, number, number, number]>> = {
  kernel: [2, 3, 1, 0],
  'depthwise-kernel': [2, 3, 0, 1],
  'transposed-kernel': [2, 3, 1, 0],
}

/** The shape that TensorFlow wants of a parameter. */
export function tensorFlowShape({ role, shape }: Pick<Parameter, 'role' | 'shape'>): readonly number[] {
  return axes[role]?.map((axis) => shape[axis] as number) ?? shape
}

/** A parameter's values (or its moments') in TensorFlow's order. */
export function toTensorFlow(
  { role, shape }: Pick<Parameter, 'role' | 'shape'>,
  data: Float32Array,
): Float32Array {
  const order = axes[role]
  if (order === undefined) return data
  const result = new Float32Array(elementCount(shape))
  forEachPair(shape, order, (ours, theirs) => {
    result[theirs] = data[ours] as number
  })
  return result
}

/** The way back. */
export function fromTensorFlow(
  { role, shape }: Pick<Parameter, 'role' | 'shape'>,
  data: Float32Array,
): Float32Array {
  const order = axes[role]
  if (order === undefined) return data.slice()
  const result = new Float32Array(elementCount(shape))
  forEachPair(shape, order, (ours, theirs) => {
    result[ours] = data[theirs] as number
  })
  return result
}

function forEachPair(
  shape: readonly number[],
  order: readonly [number, number, number, number],
  visit: (ours: number, theirs: number) => void,
): void {
  const strides = [1, 1, 1, 1]
  for (let axis = 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] as number) * (shape[axis + 1] as number)
  }
  const [e0, e1, e2, e3] = order.map((axis) => shape[axis]) as [number, number, number, number]
  const [s0, s1, s2, s3] = order.map((axis) => strides[axis]) as [number, number, number, number]
  let theirs = 0
  for (let i0 = 0; i0 < e0; i0++) {
    for (let i1 = 0; i1 < e1; i1++) {
      for (let i2 = 0; i2 < e2; i2++) {
        const start = i0 * s0 + i1 * s1 + i2 * s2
        for (let i3 = 0; i3 < e3; i3++) visit(start + i3 * s3, theirs++)
      }
    }
  }
}
