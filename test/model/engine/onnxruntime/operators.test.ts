import { describe, expect, it } from 'vitest'
import { relu, relu6 } from '../../../../src/model/engine/onnxruntime/operators/activations.ts'
import { gradientNorm } from '../../../../src/model/engine/onnxruntime/operators/adamw.ts'
import { batchNorm } from '../../../../src/model/engine/onnxruntime/operators/batch-norm.ts'
import { depthwiseConvolution } from '../../../../src/model/engine/onnxruntime/operators/depthwise-convolution.ts'
import { dropout } from '../../../../src/model/engine/onnxruntime/operators/dropout.ts'
import { fullConvolution } from '../../../../src/model/engine/onnxruntime/operators/full-convolution.ts'
import { add, concatenate } from '../../../../src/model/engine/onnxruntime/operators/junctions.ts'
import type { Activation } from '../../../../src/model/engine/onnxruntime/operators/operator.ts'
import { minimalProduct } from '../../../../src/model/engine/onnxruntime/operators/minimal-product.ts'
import { pointwiseConvolution } from '../../../../src/model/engine/onnxruntime/operators/pointwise-convolution.ts'
import { segmentationLoss } from '../../../../src/model/engine/onnxruntime/operators/segmentation-loss.ts'
import { transposedConvolution } from '../../../../src/model/engine/onnxruntime/operators/transposed-convolution.ts'
import type { Value } from '../../../../src/model/engine/onnxruntime/graph-builder.ts'
import { RandomGenerator } from '../../../../src/model/random.ts'
import { relativeDifference } from '../compare.ts'
import { checkOperation } from './check-operation.ts'
import {
  batchStatistics,
  convolve,
  convolveTransposed,
  normalise,
  softDiceLoss,
  weightedCrossEntropy,
} from './reference-operators.ts'
import { runGraph } from './run-graph.ts'

const extent = { batch: 2, height: 4, width: 6 }
const oddExtent = { batch: 3, height: 5, width: 7 }

/** Numbers that are the same in every run. */
function drawn(size: number, low: number, high: number): Float32Array {
  const random = new RandomGenerator(size)
  return Float32Array.from({ length: size }, () => random.uniform(low, high))
}

describe('each operator computes what it says, and its gradient agrees with finite differences', () => {
  it.each([extent, oddExtent])('1x1 convolution of %o', (size) =>
    checkOperation({
      extent: size,
      inputs: [3],
      parameters: { kernel: 5 * 3 },
      build: (builder, [input], { kernel }) => pointwiseConvolution(builder, input as Activation, kernel, 5),
      reference: ([input], { kernel }) =>
        convolve(input as Float64Array, kernel, {
          extent: size,
          inputChannels: 3,
          outputChannels: 5,
          groups: 1,
          kernelSize: 1,
          stride: 1,
          padding: [0, 0],
        }),
    }),
  )

  it.each([
    [extent, 3],
    [oddExtent, 1],
  ])('the stem: 3x3, stride 2, zeros only behind, of %o with %i channels', (size, channels) => {
    const window = { kernelSize: 3, stride: 2, padding: [0, 1] } as const
    return checkOperation({
      extent: size,
      inputs: [channels],
      needed: 0,
      parameters: { kernel: 4 * channels * 9 },
      build: (builder, [input], { kernel }) =>
        fullConvolution(builder, input as Activation, kernel, 4, window),
      reference: ([input], { kernel }) =>
        convolve(input as Float64Array, kernel, {
          extent: size,
          inputChannels: channels,
          outputChannels: 4,
          groups: 1,
          ...window,
        }),
    })
  })

  it.each([
    ['stride 1', extent, 8, { kernelSize: 3, stride: 1, padding: [1, 1] }],
    ['stride 2', extent, 8, { kernelSize: 3, stride: 2, padding: [0, 1] }],
    // Planes that fill no whole block: the plain operators, as on processors without the blocked layout.
    ['3 planes', { batch: 1, height: 4, width: 4 }, 3, { kernelSize: 3, stride: 1, padding: [1, 1] }],
    ['36 planes', { batch: 3, height: 4, width: 4 }, 12, { kernelSize: 3, stride: 2, padding: [0, 1] }],
    ['stride 1, odd size', oddExtent, 16, { kernelSize: 3, stride: 1, padding: [1, 1] }],
    ['one pixel', { batch: 2, height: 1, width: 1 }, 8, { kernelSize: 3, stride: 1, padding: [1, 1] }],
  ] as const)('depthwise 3x3 convolution, %s', (_, size, channels, window) =>
    checkOperation({
      extent: size,
      inputs: [channels],
      parameters: { kernel: channels * 9 },
      build: (builder, [input], { kernel }) =>
        depthwiseConvolution(builder, input as Activation, kernel, window),
      reference: ([input], { kernel }) =>
        convolve(input as Float64Array, kernel, {
          extent: size,
          inputChannels: channels,
          outputChannels: channels,
          groups: channels,
          ...window,
        }),
    }),
  )

  it.each([
    { batch: 2, height: 2, width: 3 },
    { batch: 1, height: 1, width: 1 },
  ])('transposed convolution without bias, of %o', (size) =>
    checkOperation({
      extent: size,
      inputs: [4],
      parameters: { kernel: 4 * 3 * 16 },
      build: (builder, [input], { kernel }) =>
        transposedConvolution(builder, input as Activation, kernel, undefined, 3),
      reference: ([input], { kernel }) =>
        convolveTransposed(input as Float64Array, kernel, new Float64Array(3), size),
    }),
  )

  it('transposed convolution with bias', () =>
    checkOperation({
      extent: oddExtent,
      inputs: [2],
      parameters: { kernel: 2 * 3 * 16, bias: 3 },
      build: (builder, [input], { kernel, bias }) =>
        transposedConvolution(builder, input as Activation, kernel, bias, 3),
      reference: ([input], { kernel, bias }) =>
        convolveTransposed(input as Float64Array, kernel, bias, oddExtent),
    }))

  it.each([undefined, 1])(
    'transposed convolution, with fewer multiplications, gradients of %s channels',
    (needed) =>
      checkOperation({
        extent,
        inputs: [2],
        parameters: { kernel: 2 * 3 * 16 },
        ...(needed === undefined ? {} : { needed }),
        build: (builder, [input], { kernel }) => {
          const product = minimalProduct(builder, input as Activation, kernel, 3)
          const output = { ...extent, height: 8, width: 12, value: product.output, channels: 3 }
          return {
            output,
            backward: (value, leading) => {
              const gradients = product.gradients({ ...output, value }, leading)
              return { inputs: [gradients.input], parameters: new Map([[kernel.name, gradients.kernel]]) }
            },
          }
        },
        reference: ([input], { kernel }) =>
          convolveTransposed(input as Float64Array, kernel, new Float64Array(3), extent),
      }),
  )

  it('transposed convolution behind a frozen skip: gradients of the channels before the skip', () =>
    checkOperation({
      extent: oddExtent,
      inputs: [3],
      parameters: { kernel: 3 * 2 * 16 },
      needed: 2,
      build: (builder, [input], { kernel }) =>
        transposedConvolution(builder, input as Activation, kernel, undefined, 2),
      reference: ([input], { kernel }) =>
        convolveTransposed(input as Float64Array, kernel, new Float64Array(2), oddExtent),
    }))

  it.each([true, false])('batch norm by the batch, gradient of the input wanted: %s', (wanted) =>
    checkOperation({
      extent,
      inputs: [4],
      range: [-1, 3],
      ...(wanted ? {} : { needed: 0 }),
      parameters: { gamma: 4, beta: 4 },
      constants: { movingMean: drawn(4, -1, 1), movingVariance: drawn(4, 0.5, 2) },
      build: (builder, [input], values) => batchNorm(builder, input as Activation, values, 1e-3, 0.1),
      reference: ([input], values) =>
        normalise(input as Float64Array, batchStatistics(input as Float64Array, 4), values, 1e-3),
    }),
  )

  it('batch norm by moving statistics', () =>
    checkOperation({
      extent,
      inputs: [4],
      parameters: { gamma: 4, beta: 4 },
      constants: { movingMean: drawn(4, -1, 1), movingVariance: drawn(4, 0.5, 2) },
      build: (builder, [input], values) => {
        const operation = batchNorm(builder, input as Activation, values, 1e-3, undefined)
        expect(operation.moved).toBeUndefined()
        return operation
      },
      reference: ([input], { movingMean, movingVariance, gamma, beta }) =>
        normalise(
          input as Float64Array,
          { mean: movingMean, variance: movingVariance },
          { gamma, beta },
          1e-3,
        ),
    }))

  it('ReLU', () =>
    checkOperation({
      extent,
      inputs: [3],
      build: (builder, [input]) => relu(builder, input as Activation),
      reference: ([input]) => (input as Float64Array).map((value) => Math.max(0, value)),
    }))

  it('ReLU6: it clips on both sides', () =>
    checkOperation({
      extent,
      inputs: [3],
      range: [-9, 15],
      build: (builder, [input]) => relu6(builder, input as Activation),
      reference: ([input]) => (input as Float64Array).map((value) => Math.min(6, Math.max(0, value))),
    }))

  it('dropout by a mask', () => {
    const size = 3 * 2 * 4 * 6
    const mask = drawn(size, 0, 1).map((value) => (value < 0.4 ? 0 : 1 / 0.6))
    return checkOperation<never, 'mask'>({
      extent,
      inputs: [3],
      constants: { mask },
      build: (builder, [input], values) =>
        dropout(builder, input as Activation, builder.reshape(values.mask, [3, 2, 4, 6])),
      reference: ([input], values) =>
        (input as Float64Array).map((value, index) => value * (values.mask[index] as number)),
    })
  })

  it('the sum of two activations', () =>
    checkOperation({
      extent,
      inputs: [3, 3],
      build: (builder, [left, right]) => add(builder, left as Activation, right as Activation),
      reference: ([left, right]) =>
        (left as Float64Array).map((value, index) => value + ((right as Float64Array)[index] as number)),
    }))

  it('activations one behind the other', () =>
    checkOperation({
      extent,
      inputs: [2, 1, 3],
      build: (builder, inputs) => concatenate(builder, inputs),
      reference: (inputs) => Float64Array.from(inputs.flatMap((input) => [...input])),
    }))

  it('activations one behind the other, the last ones frozen', () =>
    checkOperation({
      extent,
      inputs: [2, 1, 3],
      needed: 3,
      build: (builder, inputs) => concatenate(builder, inputs),
      reference: (inputs) => Float64Array.from(inputs.flatMap((input) => [...input])),
    }))
})

describe('batch norm', () => {
  const channels = 2
  const parameters = {
    gamma: { shape: [channels], data: Float32Array.of(1, 1) },
    beta: { shape: [channels], data: Float32Array.of(0, 0) },
    movingMean: { shape: [channels], data: Float32Array.of(5, -2) },
    movingVariance: { shape: [channels], data: Float32Array.of(3, 0.5) },
  }

  async function run(input: Float32Array, momentum: number): Promise<Record<string, Float32Array>> {
    const pixels = input.length / channels
    return runGraph(
      { ...parameters, input: { shape: [channels, pixels], data: input } },
      (builder, values) => {
        const activation = { value: values['input'] as Value, channels, batch: 1, height: 1, width: pixels }
        const { gamma, beta, movingMean, movingVariance } = values as Record<keyof typeof parameters, Value>
        const operation = batchNorm(
          builder,
          activation,
          { gamma, beta, movingMean, movingVariance },
          1e-3,
          momentum,
        )
        const moved = operation.moved as { mean: Value; variance: Value }
        return { output: operation.output.value, mean: moved.mean, variance: moved.variance }
      },
    )
  }

  it('moving statistics take their share of the mean and of the unbiased variance', async () => {
    const input = Float32Array.of(1, 2, 3, 6, -1, -1, 1, 1)
    const { mean, variance } = await run(input, 0.1)
    // Means 3 and 0; squared differences sum to 14 and 4, over 4 - 1.
    expect(relativeDifference(mean as Float32Array, [0.9 * 5 + 0.1 * 3, 0.9 * -2])).toBeLessThan(1e-6)
    expect(
      relativeDifference(variance as Float32Array, [0.9 * 3 + (0.1 * 14) / 3, 0.9 * 0.5 + (0.1 * 4) / 3]),
    ).toBeLessThan(1e-6)
  })

  it('stays exact where the mean is thirty times the deviation, as behind a bright and even background', async () => {
    const input = drawn(channels * 4096, 29.5, 33)
    const { output } = await run(input, 0.1)
    const exact = Float64Array.from(input)
    const unit = { gamma: new Float64Array(channels).fill(1), beta: new Float64Array(channels) }
    const expected = normalise(exact, batchStatistics(exact, channels), unit, 1e-3)
    expect(relativeDifference(output as Float32Array, expected)).toBeLessThan(1e-3)
  })

  it('of a channel without any difference is beta', async () => {
    const { output } = await run(new Float32Array(channels * 64).fill(7.3), 0.1)
    expect(relativeDifference(output as Float32Array, new Float32Array(channels * 64))).toBeLessThan(1e-3)
  })
})

describe('the loss', () => {
  const shape = { batch: 2, height: 3, width: 4 }
  const pixels = 24
  const classWeights = [0.5, 1, 4]

  async function run(
    logits: Float32Array,
    labels: Uint8Array,
    diceWeight: number,
  ): Promise<{ loss: number; gradient: Float32Array }> {
    const results = await runGraph(
      {
        logits: { shape: [3, 2, 3, 4], data: logits },
        labels: { shape: [2, 3, 4], data: labels },
      },
      (builder, values) => ({
        ...segmentationLoss(
          builder,
          { ...shape, channels: 3, value: values['logits'] as Value },
          values['labels'] as Value,
          { classWeights, diceWeight },
        ),
      }),
    )
    return { loss: results['loss']?.[0] as number, gradient: results['gradient'] as Float32Array }
  }

  it.each([0, 0.7])(
    'weighs classes, leaves out what is not labelled, and its gradient agrees with finite differences: %f of Dice',
    async (diceWeight) => {
      const logits = drawn(3 * pixels, -5, 5)
      const labels = Uint8Array.from(
        { length: pixels },
        (_, pixel) => [0, 255, 2, 1, 1, 255, 0][pixel % 7] as number,
      )
      const { loss, gradient } = await run(logits, labels, diceWeight)
      const exact = Float64Array.from(logits)
      const reference = (): number =>
        weightedCrossEntropy(exact, labels, classWeights) + diceWeight * softDiceLoss(exact, labels, 3)
      expect(Math.abs(loss / reference() - 1)).toBeLessThan(1e-6)
      const expected = exact.map((value, index) => {
        exact[index] = value + 1e-5
        const above = reference()
        exact[index] = value - 1e-5
        const below = reference()
        exact[index] = value
        return (above - below) / 2e-5
      })
      expect(relativeDifference(gradient, expected)).toBeLessThan(1e-5)
      const unlabelled = gradient.filter((_, index) => labels[index % pixels] === 255)
      expect(unlabelled.every((value) => value === 0)).toBe(true)
    },
  )

  it.each([0, 1])(
    'of a batch with nothing labelled is 0, and so is its gradient: %f of Dice',
    async (diceWeight) => {
      const nothing = new Uint8Array(pixels).fill(255)
      const { loss, gradient } = await run(drawn(3 * pixels, -5, 5), nothing, diceWeight)
      expect(Math.abs(loss)).toBe(0)
      expect(gradient.every((value) => value === 0)).toBe(true)
    },
  )

  it('stays finite for logits far beyond what exp can hold', async () => {
    const logits = new Float32Array(3 * pixels).fill(-200)
    logits.fill(300, 0, pixels)
    const { loss, gradient } = await run(logits, new Uint8Array(pixels).fill(1), 0)
    expect(loss).toBe(500)
    // (softmax - target) / pixels
    expect(
      relativeDifference(gradient.subarray(0, pixels), new Float32Array(pixels).fill(1 / pixels)),
    ).toBeLessThan(1e-6)
    expect(
      relativeDifference(gradient.subarray(pixels, 2 * pixels), new Float32Array(pixels).fill(-1 / pixels)),
    ).toBeLessThan(1e-6)
  })
})

it('the gradient norm is taken over all gradients together', async () => {
  const { norm } = await runGraph(
    {
      kernel: { shape: [2, 2, 1, 1], data: Float32Array.of(1, -2, 3, -4) },
      bias: { shape: [3], data: Float32Array.of(5, 6, -3) },
    },
    (builder, values) => ({
      norm: gradientNorm(builder, [values['kernel'] as Value, values['bias'] as Value]),
    }),
  )
  expect(norm?.[0]).toBe(10)
})
