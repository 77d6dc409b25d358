import type { GraphBuilder } from '../graph-builder.ts'
import { type Activation, asMatrix, type Operation, pixelCount } from './operator.ts'

/** The sum of two activations of one shape (a residual connection). */
export function add(builder: GraphBuilder, left: Activation, right: Activation): Operation {
  const shape = [left.channels, pixelCount(left)]
  const output = builder.node('Add', [asMatrix(builder, left), asMatrix(builder, right)], shape)
  return {
    output: { ...left, value: output },
    backward: (gradient, needed) => ({
      inputs: needed ? [gradient, gradient] : [undefined, undefined],
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
      if (!needed) return { inputs: parts.map(() => undefined), parameters: new Map() }
      const upstream = builder.reshape(gradient, [channels, pixels])
      let start = 0
      const inputs = parts.map((part) => {
        const rows = [start, start + part.channels] as const
        start = rows[1]
        const bounds = [builder.integers([rows[0]]), builder.integers([rows[1]]), builder.integers([0])]
        return builder.node('Slice', [upstream, ...bounds], [part.channels, pixels])
      })
      return { inputs, parameters: new Map() }
    },
  }
}
