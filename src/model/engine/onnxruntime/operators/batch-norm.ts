import { type GraphBuilder, MICROSOFT, type Value } from '../graph-builder.ts'
import { type Activation, asMatrix, type Operation, pixelCount } from './operator.ts'

/** A batch norm's own tensors, each `[channels]`. */
export interface BatchNormParameters {
  gamma: Value
  beta: Value
  movingMean: Value
  movingVariance: Value
}

export interface BatchNormOperation extends Operation {
  /** The moving statistics after this batch; undefined where they are frozen. */
  moved: { mean: Value; variance: Value } | undefined
}

/**
 * Batch norm. With `momentum` it normalises by the batch's mean and biased variance, and the moving statistics take that
 * share of the batch's (the variance's unbiased one, as PyTorch does); with undefined it is frozen: it normalises by the
 * moving statistics, and they stay.
 *
 * Forward and backward are affine in each channel, so each is one pass of the BatchNormalization operator with mean 0 and
 * variance 1. Backward: Ioffe and Szegedy 2015, section 3, with the sums over pixels taken of the gradient and of its
 * product with the input.
 */
export function batchNorm(
  builder: GraphBuilder,
  input: Activation,
  parameters: BatchNormParameters,
  epsilon: number,
  momentum: number | undefined,
): BatchNormOperation {
  const { channels } = input
  const pixels = pixelCount(input)
  const row = [channels]
  const matrix = asMatrix(builder, input)

  const binary = (operator: 'Add' | 'Sub' | 'Mul' | 'Div', left: Value, right: Value): Value =>
    builder.node(operator, [left, right], row)
  const scaled = (value: Value, factor: number): Value => binary('Mul', value, builder.constant([factor]))
  const rowSum = (value: Value): Value =>
    builder.node('ReduceSum', [value, builder.integers([1])], row, { keepdims: { int: 0 } })
  /** Sums of the products of two matrices' rows: each row with its own, without the product being written down. */
  const rowProduct = (left: Value, right: Value): Value => {
    const shape = [channels, 1, pixels]
    const products = builder.node(
      'FusedMatMul',
      [builder.reshape(left, shape), builder.reshape(right, shape)],
      [channels, 1, 1],
      { transB: { int: 1 } },
      { domain: MICROSOFT },
    )
    return builder.reshape(products, row)
  }
  const affine = (value: Value, factor: Value, offset: Value): Value => {
    const zero = builder.constant(new Array<number>(channels).fill(0), row)
    const one = builder.constant(new Array<number>(channels).fill(1), row)
    const result = builder.node(
      'BatchNormalization',
      [builder.reshape(value, [1, channels, pixels]), factor, offset, zero, one],
      [1, channels, pixels],
      { epsilon: { float: 0 } },
    )
    return builder.reshape(result, [channels, pixels])
  }

  const frozen = momentum === undefined
  const mean = frozen ? parameters.movingMean : scaled(rowSum(matrix), 1 / pixels)
  const variance = frozen
    ? parameters.movingVariance
    : builder.node(
        'Relu',
        [binary('Sub', scaled(rowProduct(matrix, matrix), 1 / pixels), binary('Mul', mean, mean))],
        row,
      )
  const deviation = builder.node('Sqrt', [binary('Add', variance, builder.constant([epsilon]))], row)
  const inverse = builder.node('Reciprocal', [deviation], row)
  const factor = binary('Mul', parameters.gamma, inverse)
  const offset = binary('Sub', parameters.beta, binary('Mul', mean, factor))
  const output = affine(matrix, factor, offset)

  return {
    output: { ...input, value: output },
    moved: frozen
      ? undefined
      : {
          mean: move(parameters.movingMean, mean, momentum),
          variance: move(
            parameters.movingVariance,
            scaled(variance, pixels / Math.max(pixels - 1, 1)),
            momentum,
          ),
        },
    backward(gradient, needed) {
      const upstream = builder.reshape(gradient, [channels, pixels])
      const betaGradient = rowSum(upstream)
      const centred = binary('Sub', rowProduct(upstream, matrix), binary('Mul', mean, betaGradient))
      const gammaGradient = binary('Mul', inverse, centred)
      return {
        inputs: [needed > 0 ? inputGradient(upstream, betaGradient, gammaGradient) : undefined],
        parameters: new Map([
          [parameters.gamma.name, gammaGradient],
          [parameters.beta.name, betaGradient],
        ]),
      }
    },
  }

  function move(moving: Value, current: Value, share: number): Value {
    return binary('Add', scaled(moving, 1 - share), scaled(current, share))
  }

  function inputGradient(upstream: Value, betaGradient: Value, gammaGradient: Value): Value {
    const direct = builder.node('Mul', [upstream, builder.reshape(factor, [channels, 1])], [channels, pixels])
    if (frozen) return direct
    // Through the batch's statistics: -factor / pixels * (betaGradient + normalised input * gammaGradient)
    const slope = scaled(binary('Mul', binary('Mul', factor, inverse), gammaGradient), -1 / pixels)
    const constant = binary(
      'Sub',
      scaled(binary('Mul', factor, betaGradient), -1 / pixels),
      binary('Mul', slope, mean),
    )
    return builder.node('Add', [direct, affine(matrix, slope, constant)], [channels, pixels])
  }
}
