import type { GraphBuilder, Value } from '../graph-builder.ts'
import type { Activation, Operation } from './operator.ts'

/** A slope at which a ramp from 0 to 1 is a step for all but the smallest numbers. */
const STEEP = 1e30

/** max(0, x) */
export function relu(builder: GraphBuilder, input: Activation): Operation {
  const { shape } = input.value
  const output = builder.node('Relu', [input.value], shape)
  return {
    output: { ...input, value: output },
    backward(gradient, needed) {
      if (needed === 0) return { inputs: [undefined], parameters: new Map() }
      const passed = step(builder, output)
      return { inputs: [multiplied(builder, gradient, passed)], parameters: new Map() }
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
      // What clipping left as it was lets the gradient through: where it changed nothing, its square is 0.
      const change = builder.node('Sub', [input.value, output], shape)
      const square = builder.node('Mul', [change, change], shape)
      const passed = builder.node('HardSigmoid', [square], shape, {
        alpha: { float: -STEEP },
        beta: { float: 1 },
      })
      return { inputs: [multiplied(builder, gradient, passed)], parameters: new Map() }
    },
  }
}

/**
 * 1 where a value is above 0, and 0 elsewhere. A comparison gives truth values, and to make numbers of these takes four times
 * as long in ONNX Runtime as a ramp that is this steep.
 */
function step(builder: GraphBuilder, value: Value): Value {
  return builder.node('HardSigmoid', [value], value.shape, { alpha: { float: STEEP }, beta: { float: 0 } })
}

function multiplied(builder: GraphBuilder, gradient: Value, factors: Value): Value {
  return builder.node('Mul', [builder.reshape(gradient, factors.shape), factors], factors.shape)
}
