import { describe, expect, it } from 'vitest'
import { chooseCompute } from '../../../src/main/services/compute-choice.ts'
import { EngineMeasurements } from '../../../src/main/services/engine-measurements.ts'
import { measureAndKeep } from '../../../src/main/services/measure-and-keep.ts'
import { loadEngine } from '../../../src/model/engine/engines.ts'
import { checkEngine } from '../../../src/model/engine/self-test.ts'
import type { EngineFigures } from '../../../src/preload/contract/engines.ts'
import { hasRuntime } from '../../model/engine/tensorflow/runtime.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const compute = { engine: null, threads: null, memoryGigabytes: null }
const names = ['onnxruntime', 'tensorflow']

/** Of two engines, the name of the one that takes less. */
function quickest(figures: readonly EngineFigures[], of: (each: EngineFigures) => number | undefined) {
  return figures.toSorted((one, other) => (of(one) as number) - (of(other) as number))[0]?.name
}

describe.runIf(hasRuntime)('ONNX Runtime and TensorFlow, measured on this machine', () => {
  it('the quicker one trains, the quicker one predicts, and both have passed the self-test', async () => {
    const folder = temporaryFolder()
    const measurements = await EngineMeasurements.open(folder)
    const never = new AbortController().signal
    for (const name of names) await measureAndKeep(name, {}, measurements, () => undefined, never)

    const kept = (await EngineMeasurements.open(folder)).list()
    expect(kept.map(({ name }) => name)).toEqual(names)
    // One that does not pass has a problem in place of figures.
    expect(kept.filter((each) => 'problem' in each)).toEqual([])
    const figures = kept as EngineFigures[]
    for (const { name, forwardMilliseconds, stepMilliseconds } of figures) {
      console.log(`${name}: ${forwardMilliseconds.toFixed(0)} ms, ${stepMilliseconds?.toFixed(0) ?? '?'} ms`)
    }
    const { training, prediction } = chooseCompute({ compute }, figures)
    expect(training.engine).toBe(quickest(figures, ({ stepMilliseconds }) => stepMilliseconds))
    expect(prediction.engine).toBe(quickest(figures, ({ forwardMilliseconds }) => forwardMilliseconds))
    await expect(checkEngine(await loadEngine(training.engine))).resolves.toBeUndefined()

    // It follows the figures, not the engines.
    const [one, other] = figures as [EngineFigures, EngineFigures]
    const exchanged = [
      { ...one, name: other.name, version: other.version },
      { ...other, name: one.name, version: one.version },
    ]
    const opposite = chooseCompute({ compute }, exchanged)
    expect(opposite.training.engine).not.toBe(training.engine)
    expect(opposite.prediction.engine).not.toBe(prediction.engine)
  })
})
