import { elementCount } from '../../../weights/tensor.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { type Activation, asMatrix, type Operation, pixelCount } from './operator.ts'

/** The sum of two activations of one shape (a residual connection). */
export function add(builder: GraphBuilder, left: Activation, right: Activation): Operation {
  const shape = [left.channels, pixelCount(left)]
  const output = builder.node('Add', [asMatrix(builder, left), asMatrix(builder, right)], shape)
  return {
    output: { ...left, value: output },
    backward: (gradient, needed) => ({
      inputs: needed > 0 ? [gradient, gradient] : [undefined, undefined],
      parameters: new Map(),
    }),
  }
}

/** Activations of one extent, one behind the other along the channels. */
export function concatenate(builder: GraphBuilder, parts: readonly Activation[]): Operation {
  const first = parts[0] as Activation
  const pixels = pixelCount(first)
  const channels = parts.reduce((sum, part) => sum + part.channels, 0)
  const matrices = parts.map((part) => asMatrix(builder, part))
  const output = builder.node('Concat', matrices, [channels, pixels], { axis: { int: 0 } })
  return {
    output: { ...first, value: output, channels },
    backward(gradient, needed) {
      // What comes from frozen parts has no gradient, and whoever took the whole need not have computed it.
      const given = elementCount(gradient.shape) / pixels
      const upstream = builder.reshape(gradient, [given, pixels])
      let start = 0
      const inputs = parts.map((part) => {
        const rows = [start, start + part.channels] as const
        start = rows[1]
        if (rows[0] >= needed) return undefined
        if (part.channels === given) return upstream
        const bounds = [builder.integers([rows[0]]), builder.integers([rows[1]]), builder.integers([0])]
        return builder.node('Slice', [upstream, ...bounds], [part.channels, pixels])
      })
      return { inputs, parameters: new Map() }
    },
  }
}
