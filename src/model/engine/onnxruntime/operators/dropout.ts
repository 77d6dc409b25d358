import type { GraphBuilder, Value } from '../graph-builder.ts'
import type { Activation, Operation } from './operator.ts'

/**
 * Dropout with the mask as an input of the graph (0 or 1 / (1 - rate), in the activation's layout): ONNX Runtime's own
 * operator keeps its generator inside the session, and a resumed run could not draw what it would have drawn.
 */
export function dropout(builder: GraphBuilder, input: Activation, mask: Value): Operation {
  const { shape } = input.value
  const factors = builder.reshape(mask, shape)
  return {
    output: { ...input, value: builder.node('Mul', [input.value, factors], shape) },
    backward: (gradient, needed) => ({
      inputs: [
        needed > 0 ? builder.node('Mul', [builder.reshape(gradient, shape), factors], shape) : undefined,
      ],
      parameters: new Map(),
    }),
  }
}
