import { expect } from 'vitest'
import type { GraphBuilder, Value } from '../../../../src/model/engine/onnxruntime/graph-builder.ts'
import {
  type Activation,
  asMatrix,
  type Extent,
  type Operation,
  pixelCount,
} from '../../../../src/model/engine/onnxruntime/operators/operator.ts'
import { RandomGenerator } from '../../../../src/model/random.ts'
import { elementCount } from '../../../../src/model/weights/tensor.ts'
import { relativeDifference } from '../compare.ts'
import { type Fed, runGraph } from './run-graph.ts'

export interface OperationCase<Parameter extends string, Constant extends string> {
  extent: Extent
  /** Channels of each input. */
  inputs: readonly number[]
  /** What the inputs are drawn from. */
  range?: readonly [low: number, high: number]
  /** Sizes of what must get a gradient; drawn from -1 to 1. */
  parameters?: Readonly<Record<Parameter, number>>
  /** What takes part and gets no gradient. */
  constants?: Readonly<Record<Constant, Float32Array>>
  /** So many leading channels, counted over all inputs, must get gradients too; all where undefined. */
  needed?: number
  build: (
    builder: GraphBuilder,
    inputs: readonly Activation[],
    values: Readonly<Record<Parameter | Constant, Value>>,
  ) => Operation
  /** The same operator in plain loops in float64, `[channels, batch, height, width]` in and out. */
  reference: (
    inputs: readonly Float64Array[],
    values: Readonly<Record<Parameter | Constant, Float64Array>>,
  ) => Float64Array
}

/** Of the reference, in float64: rounding and curvature each add some 1e-10. */
const DIFFERENCE_STEP = 1e-5
/** Of the largest value; float32 sums of some hundred terms stay an order of magnitude below. */
const TOLERANCE = 1e-5

/**
 * Checks an operator's output against its reference, and its gradients against central differences of the reference. The
 * loss is the sum of the outputs, each times a random number. Activations come and go as matrices in one
 * run and as images in the other: an operator must not care.
 */
export async function checkOperation<Parameter extends string, Constant extends string = never>(
  operation: OperationCase<Parameter, Constant>,
): Promise<void> {
  const { extent, range = [-2, 2] } = operation
  const needed = operation.needed ?? operation.inputs.reduce((sum, channels) => sum + channels, 0)
  const random = new RandomGenerator(20)
  const draw = (size: number, low: number, high: number): Float32Array =>
    Float32Array.from({ length: size }, () => random.uniform(low, high))
  const parameters = operation.parameters ?? ({} as Record<Parameter, number>)
  const constants = operation.constants ?? ({} as Record<Constant, Float32Array>)

  const inputs = operation.inputs.map((channels) => draw(channels * pixelCount(extent), ...range))
  const named = new Map<string, Float32Array>()
  for (const [name, size] of Object.entries<number>(parameters)) named.set(name, draw(size, -1, 1))
  for (const [name, data] of Object.entries<Float32Array>(constants)) named.set(name, data)
  const values = Object.fromEntries(
    [...named].map(([name, data]) => [name, Float64Array.from(data)]),
  ) as Record<Parameter | Constant, Float64Array>
  const exactInputs = inputs.map((data) => Float64Array.from(data))
  const expectedOutput = operation.reference(exactInputs, values)
  const upstream = draw(expectedOutput.length, -1, 1)
  const loss = (): number =>
    operation
      .reference(exactInputs, values)
      .reduce((sum, value, index) => sum + value * (upstream[index] as number), 0)

  const expected: Record<string, Float64Array> = { output: expectedOutput }
  let before = 0
  operation.inputs.forEach((channels, index) => {
    const wanted = Math.min(needed - before, channels) * pixelCount(extent)
    before += channels
    if (wanted <= 0) return
    expected[`input_${index} gradient`] = differences(exactInputs[index] as Float64Array, loss).slice(
      0,
      wanted,
    )
  })
  for (const name of Object.keys(parameters) as Parameter[]) {
    expected[`${name} gradient`] = differences(values[name], loss)
  }

  for (const view of ['matrix', 'images'] as const) {
    const shapeOf = (channels: number, { batch, height, width }: Extent, as: typeof view): number[] =>
      as === 'matrix' ? [channels, batch * height * width] : [channels, batch, height, width]
    const fed: Record<string, Fed> = { upstream: { shape: [upstream.length], data: upstream } }
    inputs.forEach((data, index) => {
      fed[`input_${index}`] = { shape: shapeOf(operation.inputs[index] as number, extent, view), data }
    })
    for (const [name, data] of named) fed[name] = { shape: [data.length], data }

    const computed = await runGraph(fed, (builder, fedValues) => {
      const activations = operation.inputs.map((channels, index) => ({
        ...extent,
        channels,
        value: fedValues[`input_${index}`] as Value,
      }))
      const built = operation.build(builder, activations, fedValues)
      const { output } = built
      expect(output.channels * pixelCount(output)).toBe(expectedOutput.length)
      const gradient = builder.reshape(
        fedValues['upstream'] as Value,
        shapeOf(output.channels, output, view === 'matrix' ? 'images' : 'matrix'),
      )
      const gradients = built.backward(gradient, needed)
      expect([...gradients.parameters.keys()].sort()).toEqual(Object.keys(parameters).sort())
      const wanted: Record<string, Value> = { output: asMatrix(builder, output) }
      gradients.inputs.forEach((value, index) => {
        if (value !== undefined) wanted[`input_${index} gradient`] = value
      })
      for (const [name, value] of gradients.parameters) {
        expect(elementCount(value.shape)).toBe(named.get(name)?.length)
        wanted[`${name} gradient`] = value
      }
      return wanted
    })
    expect(Object.keys(computed).sort()).toEqual(Object.keys(expected).sort())
    for (const [name, values] of Object.entries(expected)) {
      expect(relativeDifference(computed[name] as Float32Array, values), `${name}, ${view}`).toBeLessThan(
        TOLERANCE,
      )
    }
  }
}

/** The loss's derivative by each of these values. */
function differences(values: Float64Array, loss: () => number): Float64Array {
  return values.map((value, index) => {
    values[index] = value + DIFFERENCE_STEP
    const above = loss()
    values[index] = value - DIFFERENCE_STEP
    const below = loss()
    values[index] = value
    return (above - below) / (2 * DIFFERENCE_STEP)
  })
}
