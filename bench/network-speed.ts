import { setTimeout as pause } from 'node:timers/promises'
import { defaultEngine, installedVersion } from '../src/model/engine/engines.ts'
import { stepsTogether } from '../src/model/training/loop.ts'
import { type PreparedWork, prepareWork } from './our-side.ts'
import { TorchSide } from './torch-side.ts'
import { type Measurement, measurements } from './workload.ts'

/**
 * Turns that each side has: many short ones, so that what else the machine does meets both sides. A turn's mean is its figure,
 * as training does several steps in one go; of all turns the lower quartile counts: other programs only ever make one slower.
 */
const rounds = 10
const runsInATurn = stepsTogether
const warmUps = 3
/** Threads of either side spin for a while when their work is done, and would slow the other one down. */
const pauseMilliseconds = 100

export interface NetworkSpeed {
  /** Milliseconds, the lower quartile of all turns. */
  ours: Record<Measurement, number>
  /** Of TensorFlow, our other engine, where its runtime is installed. */
  tensorflow: Record<Measurement, number> | undefined
  /** Of the faster one of PyTorch's two memory layouts. */
  torch: Record<Measurement, number> | undefined
  torchVersion: string | undefined
}

/**
 * Times the forward pass and the training steps of the engines, in turn with one another and with PyTorch where there is one: what else the machine
 * does then slows both.
 * @param python a Python that has PyTorch
 */
export async function measureNetwork(threads: number, python: string | undefined): Promise<NetworkSpeed> {
  const side = python === undefined ? undefined : new TorchSide(python, threads)
  const hasTensorFlow = installedVersion('tensorflow') !== undefined
  const result: NetworkSpeed = {
    ours: { forward: NaN, step: NaN, step_frozen: NaN },
    tensorflow: hasTensorFlow ? { forward: NaN, step: NaN, step_frozen: NaN } : undefined,
    torch: side && { forward: NaN, step: NaN, step_frozen: NaN },
    torchVersion: undefined,
  }
  try {
    for (const what of measurements) {
      const names = hasTensorFlow ? [defaultEngine, 'tensorflow'] : [defaultEngine]
      const { ours, torch, torchVersion } = await takeTurns(names, what, threads, side)
      const [onnx, tensorflow] = ours.map(lowerQuartile)
      result.ours[what] = onnx as number
      if (result.tensorflow !== undefined) result.tensorflow[what] = tensorflow as number
      if (result.torch !== undefined) result.torch[what] = Math.min(...torch.map(lowerQuartile))
      result.torchVersion = torchVersion
    }
  } finally {
    await side?.close()
  }
  return result
}

async function takeTurns(
  engines: readonly string[],
  what: Measurement,
  threads: number,
  side: TorchSide | undefined,
) {
  const ours = engines.map((): number[] => [])
  const torch: [contiguous: number[], channelsLast: number[]] = [[], []]
  let torchVersion: string | undefined
  const works: PreparedWork[] = []
  try {
    for (const name of engines) works.push(await prepareWork(name, what, threads))
    for (const work of works) for (let run = 0; run < warmUps; run += work.repeats) await work.run()
    for (let round = 0; round < rounds; round++) {
      for (const [index, work] of works.entries()) {
        await pause(pauseMilliseconds)
        const start = performance.now()
        for (let run = 0; run < runsInATurn; run += work.repeats) await work.run()
        ours[index]?.push((performance.now() - start) / runsInATurn)
      }
      if (side === undefined) continue
      for (const [layout, milliseconds] of torch.entries()) {
        await pause(pauseMilliseconds)
        const answer = await side.measure(what, layout === 1, runsInATurn)
        milliseconds.push(answer.milliseconds.reduce((sum, each) => sum + each, 0) / runsInATurn)
        torchVersion = answer.torch
      }
    }
  } finally {
    for (const work of works) await work.dispose()
  }
  return { ours, torch, torchVersion }
}

function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor((values.length - 1) / 4)] as number
}
