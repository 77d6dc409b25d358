import { setTimeout as pause } from 'node:timers/promises'
import { defaultEngine, installedVersion } from '../src/model/engine/engines.ts'
import { stepsTogether } from '../src/model/training/loop.ts'
import { prepareWork } from './our-side.ts'
import type { Parts } from './parts.ts'
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

/** Milliseconds, the lower quartile of all turns; absent where it could not be measured. */
type Speeds = Partial<Record<Measurement, number>>

export interface NetworkSpeed {
  ours: Speeds
  /** Of TensorFlow, our other engine, where its runtime is installed. */
  tensorflow: Speeds | undefined
  /** Of the faster one of PyTorch's two memory layouts, where it was asked for. */
  torch: Speeds | undefined
  torchVersion: string | undefined
}

/** Whoever takes turns in a measurement. */
interface Contestant {
  name: string
  /** Where its figure goes; of several the smallest counts. */
  speeds: Speeds
  prepare: (what: Measurement) => Promise<Ready>
}

interface Ready {
  /** @returns milliseconds a run */
  turn(): Promise<number>
  dispose(): Promise<void>
}

/**
 * Times the forward pass and the training steps of the engines, in turn with one another and with PyTorch where there is one: what else the machine
 * does then slows both. One that fails is out of that measurement.
 * @param python a Python that has PyTorch
 */
export async function measureNetwork(
  threads: number,
  python: string | undefined,
  parts: Parts,
): Promise<NetworkSpeed> {
  const side = python === undefined ? undefined : new TorchSide(python, threads)
  const result: NetworkSpeed = {
    ours: {},
    tensorflow: installedVersion('tensorflow') === undefined ? undefined : {},
    torch: side && {},
    torchVersion: undefined,
  }
  const contestants = [ofEngine('ONNX Runtime', defaultEngine, result.ours, threads)]
  if (result.tensorflow !== undefined) {
    contestants.push(ofEngine('TensorFlow', 'tensorflow', result.tensorflow, threads))
  }
  const { torch } = result
  if (side !== undefined && torch !== undefined) {
    const onAnswer = (version: string): void => void (result.torchVersion = version)
    contestants.push(...[false, true].map((channelsLast) => ofTorch(side, channelsLast, torch, onAnswer)))
  }
  try {
    for (const what of measurements) await takeTurns(what, contestants, parts)
  } finally {
    await side?.close()
  }
  return result
}

function ofEngine(name: string, engine: string, speeds: Speeds, threads: number): Contestant {
  return {
    name,
    speeds,
    prepare: async (what) => {
      const work = await prepareWork(engine, what, threads)
      for (let run = 0; run < warmUps; run += work.repeats) await work.run()
      return {
        turn: async () => {
          const start = performance.now()
          for (let run = 0; run < runsInATurn; run += work.repeats) await work.run()
          return (performance.now() - start) / runsInATurn
        },
        dispose: () => work.dispose(),
      }
    },
  }
}

/** @param onAnswer told PyTorch's version */
function ofTorch(
  side: TorchSide,
  channelsLast: boolean,
  speeds: Speeds,
  onAnswer: (version: string) => void,
): Contestant {
  return {
    name: channelsLast ? 'PyTorch, channels last' : 'PyTorch',
    speeds,
    prepare: async (what) => ({
      turn: async () => {
        const { milliseconds, torch } = await side.measure(what, channelsLast, runsInATurn)
        onAnswer(torch)
        return milliseconds.reduce((sum, each) => sum + each, 0) / runsInATurn
      },
      dispose: async () => undefined,
    }),
  }
}

async function takeTurns(what: Measurement, contestants: readonly Contestant[], parts: Parts): Promise<void> {
  const partOf = ({ name }: Contestant): string => `${name}, ${what}`
  const running = new Map<Contestant, { ready: Ready; turns: number[] }>()
  const leave = async (contestant: Contestant, ready: Ready): Promise<void> => {
    running.delete(contestant)
    await parts.run(partOf(contestant), () => ready.dispose())
  }
  for (const contestant of contestants) {
    const ready = await parts.run(partOf(contestant), () => contestant.prepare(what))
    if (ready !== undefined) running.set(contestant, { ready, turns: [] })
  }
  for (let round = 0; round < rounds; round++) {
    for (const [contestant, { ready, turns }] of running) {
      await pause(pauseMilliseconds)
      const milliseconds = await parts.run(partOf(contestant), () => ready.turn())
      if (milliseconds === undefined) await leave(contestant, ready)
      else turns.push(milliseconds)
    }
  }
  for (const [contestant, { ready, turns }] of running) {
    const { speeds } = contestant
    speeds[what] = Math.min(lowerQuartile(turns), speeds[what] ?? Infinity)
    await leave(contestant, ready)
  }
}

function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor((values.length - 1) / 4)] as number
}
