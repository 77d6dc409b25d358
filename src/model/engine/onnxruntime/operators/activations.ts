import type { GraphBuilder, Value } from '../graph-builder.ts'
import type { Activation, Operation } from './operator.ts'

/** max(0, x) */
export function relu(builder: GraphBuilder, input: Activation): Operation {
  const { shape } = input.value
  const output = builder.node('Relu', [input.value], shape)
  return {
    output: { ...input, value: output },
    backward(gradient, needed) {
      if (needed === 0) return { inputs: [undefined], parameters: new Map() }
      const passed = builder.node('Greater', [output, builder.constant([0])], shape)
      return { inputs: [masked(builder, gradient, passed)], parameters: new Map() }
    },
  }
}

/** min(max(0, x), 6): it clips, it does not rescale. */
export function relu6(builder: GraphBuilder, input: Activation): Operation {
  const { shape } = input.value
  const output = builder.node('Clip', [input.value, builder.constant([0]), builder.constant([6])], shape)
  return {
    output: { ...input, value: output },
    backward(gradient, needed) {
      if (needed === 0) return { inputs: [undefined], parameters: new Map() }
      // What clipping left as it was lets the gradient through; one pass instead of two comparisons and their conjunction.
      const passed = builder.node('Equal', [output, input.value], shape)
      return { inputs: [masked(builder, gradient, passed)], parameters: new Map() }
    },
  }
}

/** The gradient where the mask (of truth values) is set, zero elsewhere. */
function masked(builder: GraphBuilder, gradient: Value, mask: Value): Value {
  const factors = builder.node('Cast', [mask], mask.shape, { to: { int: 1 } })
  return builder.node('Mul', [builder.reshape(gradient, mask.shape), factors], mask.shape)
}
