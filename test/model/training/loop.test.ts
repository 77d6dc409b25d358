import { describe, expect, it } from 'vitest'
import { defaultEngine, loadEngine } from '../../../src/model/engine/engines.ts'
import { CancelledError } from '../../../src/model/errors.ts'
import { buildNetwork } from '../../../src/model/network/unet.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import type { TrainingEvent } from '../../../src/model/training/events.ts'
import { train, type TrainingRun } from '../../../src/model/training/loop.ts'
import { initialiseWeights } from '../../../src/model/weights/initialise.ts'
import type { SavedTraining } from '../../../src/model/weights/training-state.ts'
import { planWith } from './fixtures.ts'

const plan = planWith({
  network: {
    encoder: 'mobilenet-v2',
    alpha: 0.35,
    decoder: 'slim',
    inputChannels: 1,
    classes: 3,
    dropout: 0,
  },
  patchSize: 32,
  batchSize: 2,
  steps: 6,
  validation: { everySteps: 2, patience: 5 },
})
const network = buildNetwork(plan.network)

/** Runs to the end; what it told and saved. */
async function run(
  changes: Partial<TrainingRun>,
): Promise<{ events: TrainingEvent[]; saved: SavedTraining[]; best: number[]; error: unknown }> {
  const events: TrainingEvent[] = []
  const saved: SavedTraining[] = []
  const best: number[] = []
  let validations = 0
  try {
    for await (const event of train({
      plan,
      network,
      engine: await loadEngine(defaultEngine),
      start: { weights: initialiseWeights(network, new RandomGenerator(1)) },
      nextBatch: (step) => Promise.resolve(batchOf(new RandomGenerator(step).next())),
      validate: () => Promise.resolve(scoresOf(0.5 + 0.1 * validations++)),
      saveBest: (_, step) => Promise.resolve(void best.push(step)),
      saveState: (state) => Promise.resolve(void saved.push(state)),
      signal: new AbortController().signal,
      ...changes,
    })) {
      events.push(event)
    }
  } catch (error) {
    return { events, saved, best, error }
  }
  return { events, saved, best, error: undefined }
}

function batchOf(value: number) {
  const data = new Float32Array(2 * 32 * 32).fill(value)
  const labels = new Uint8Array(2 * 32 * 32).fill(1)
  return { images: { data, batch: 2, channels: 1, height: 32, width: 32 }, labels, dropoutSeed: 0 }
}

function scoresOf(dice: number) {
  return { loss: 1 - dice, scores: { dice: [dice, dice, dice], iou: [dice, dice, dice] } }
}

describe('train', () => {
  it('stopped within a validation saves all steps, and makes up for the validation when it goes on', async () => {
    const controller = new AbortController()
    const stopped = await run({
      signal: controller.signal,
      validate: () => {
        controller.abort()
        return Promise.reject(new CancelledError())
      },
    })
    expect(stopped.error).toBeUndefined()
    expect(stopped.events.at(-1)).toMatchObject({ kind: 'finished', reason: 'stopped', step: 2 })
    expect(stopped.saved.map(({ state }) => state.step)).toEqual([2])
    const resumed = await run({ start: stopped.saved[0] as SavedTraining })
    expect(resumed.events.slice(0, 3)).toMatchObject([
      { kind: 'started', step: 2 },
      { kind: 'validation', step: 2 },
      { kind: 'step', step: 3 },
    ])
    expect(resumed.best).toEqual([2, 4, 6])
  })

  it('ends where a value is no number, and never saves a state that has one', async () => {
    const { saved, best, error } = await run({
      nextBatch: (step) => Promise.resolve(batchOf(step === 4 ? NaN : step)),
    })
    expect(error).toMatchObject({
      code: 'training-diverged',
      message: expect.stringContaining('step 5') as string,
    })
    expect(saved.map(({ state }) => state.step)).toEqual([2])
    expect(best).toEqual([2, 4])
    for (const { data } of saved[0]?.state.weights.values() ?? [])
      expect(data.every(Number.isFinite)).toBe(true)
  })

  it('stops when scores no longer get better', async () => {
    const { events, best } = await run({
      plan: { ...plan, validation: { everySteps: 1, patience: 3 } },
      validate: (_, step) => Promise.resolve(scoresOf(0.5 - 0.1 * step)),
    })
    expect(events.at(-1)).toEqual({ kind: 'finished', step: 4, reason: 'no longer improving', bestStep: 1 })
    expect(best).toEqual([1])
  })
})
