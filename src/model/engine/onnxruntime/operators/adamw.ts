import { type GraphBuilder, MICROSOFT, type Value } from '../graph-builder.ts'
import { elementCount } from '../../../weights/tensor.ts'

/** What the optimiser carries for one parameter. */
export interface Moments {
  first: Value
  second: Value
}

/** Scalars of one step, the same for all parameters; bias corrections are taken into them, as scalars cost nothing. */
export interface StepScale {
  /** The clipping factor times (1 - beta1). */
  toFirstMoment: Value
  /** The clipping factor times sqrt(1 - beta2). */
  toSecondMomentRoot: Value
  /** 1 - learning rate * weight decay */
  decay: Value
  /** learning rate * sqrt(1 - beta2^t) / (1 - beta1^t) */
  stepSize: Value
  /** epsilon * sqrt(1 - beta2^t) */
  epsilon: Value
}

/**
 * The square root of the sum of the gradients' squares.
 * @param gradients of any shapes
 */
export function gradientNorm(builder: GraphBuilder, gradients: readonly Value[]): Value {
  const squares = gradients.map((gradient) => {
    const row = builder.reshape(gradient, [1, elementCount(gradient.shape)])
    const product = builder.node(
      'FusedMatMul',
      [row, row],
      [1, 1],
      { transB: { int: 1 } },
      { domain: MICROSOFT },
    )
    return builder.reshape(product, [])
  })
  return builder.node('Sqrt', [builder.node('Sum', squares, [])], [])
}

/**
 * One AdamW update (Loshchilov and Hutter 2019, algorithm 2, as PyTorch has it: the decay is multiplied by the learning
 * rate), with the bias corrections moved from the moments to the step's size and epsilon (Kingma and Ba 2015, end of section
 * 2); names make the results outputs of the graph.
 */
export function adamW(
  builder: GraphBuilder,
  parameter: Value,
  gradient: Value,
  moments: Moments,
  scale: StepScale,
  decays: { beta1: number; beta2: number },
  names: { parameter: string; first: string; second: string },
): void {
  const { shape } = parameter
  const binary = (operator: string, left: Value, right: Value, outputName?: string): Value =>
    builder.node(operator, [left, right], shape, {}, outputName === undefined ? {} : { outputName })

  const first = binary(
    'Add',
    binary('Mul', moments.first, builder.constant([decays.beta1])),
    binary('Mul', gradient, scale.toFirstMoment),
    names.first,
  )
  const root = binary('Mul', gradient, scale.toSecondMomentRoot)
  const second = binary(
    'Add',
    binary('Mul', moments.second, builder.constant([decays.beta2])),
    binary('Mul', root, root),
    names.second,
  )
  const deviation = binary('Add', builder.node('Sqrt', [second], shape), scale.epsilon)
  const direction = binary('Div', first, deviation)
  binary(
    'Sub',
    binary('Mul', parameter, scale.decay),
    binary('Mul', direction, scale.stepSize),
    names.parameter,
  )
}
