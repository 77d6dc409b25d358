import { type GraphBuilder, MICROSOFT, type Value } from '../graph-builder.ts'
import { elementCount } from '../../../weights/tensor.ts'

/** What the optimiser carries for one parameter. */
export interface Moments {
  first: Value
  second: Value
}

export interface AdamWConstants {
  beta1: number
  beta2: number
  epsilon: number
  weightDecay: number
}

/** Scalars of one step, the same for all parameters. */
export interface StepScale {
  /** What the gradients are multiplied by, to clip them; undefined: not clipped. */
  gradient: Value | undefined
  /** 1 - learning rate * weight decay */
  decay: Value
  /** learning rate / (1 - beta1^t) */
  learningRate: Value
  /** 1 / (1 - beta2^t) */
  secondMoment: Value
}

/**
 * The square root of the sum of the gradients' squares.
 * @param gradients of any shapes
 */
export function gradientNorm(builder: GraphBuilder, gradients: readonly Value[]): Value {
  const squares = gradients.map((gradient) => {
    const row = builder.reshape(gradient, [1, elementCount(gradient.shape)])
    const product = builder.node('FusedMatMul', [row, row], [1, 1], { transB: { int: 1 } }, { domain: MICROSOFT })
    return builder.reshape(product, [])
  })
  return builder.node('Sqrt', [builder.node('Sum', squares, [])], [])
}

/**
 * One AdamW update (Loshchilov and Hutter 2019, algorithm 2, as PyTorch has it: the decay is multiplied by the learning
 * rate); names make the results outputs of the graph.
 */
export function adamW(
  builder: GraphBuilder,
  parameter: Value,
  gradient: Value,
  moments: Moments,
  scale: StepScale,
  constants: AdamWConstants,
  names: { parameter: string; first: string; second: string },
): void {
  const { shape } = parameter
  const binary = (operator: string, left: Value, right: Value, outputName?: string): Value =>
    builder.node(operator, [left, right], shape, {}, outputName === undefined ? {} : { outputName })
  const number = (value: number): Value => builder.constant([value])

  const raw = builder.reshape(gradient, shape)
  const clipped = scale.gradient === undefined ? raw : binary('Mul', raw, scale.gradient)
  const first = binary(
    'Add',
    binary('Mul', moments.first, number(constants.beta1)),
    binary('Mul', clipped, number(1 - constants.beta1)),
    names.first,
  )
  const second = binary(
    'Add',
    binary('Mul', moments.second, number(constants.beta2)),
    binary('Mul', binary('Mul', clipped, clipped), number(1 - constants.beta2)),
    names.second,
  )
  const deviation = builder.node('Sqrt', [binary('Mul', second, scale.secondMoment)], shape)
  const direction = binary('Div', first, binary('Add', deviation, number(constants.epsilon)))
  binary(
    'Sub',
    binary('Mul', parameter, scale.decay),
    binary('Mul', direction, scale.learningRate),
    names.parameter,
  )
}
