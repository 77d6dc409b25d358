import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../src/model/engine/engines.ts'
import { loadTensorFlow } from '../../src/model/engine/tensorflow/native.ts'
import { buildNetwork } from '../../src/model/network/unet.ts'
import { RandomGenerator } from '../../src/model/random.ts'
import { stepsTogether } from '../../src/model/training/loop.ts'
import { initialiseWeights } from '../../src/model/weights/initialise.ts'
import { hasRuntime } from '../model/engine/tensorflow/runtime.ts'
import { choose } from './size.ts'

const steps = choose({ small: 50, full: 1000 })
const size = 32

describe.runIf(hasRuntime)('the memory of TensorFlow', () => {
  it(`stays the same over ${steps} steps, and is given back`, async () => {
    const { core, backend } = await loadTensorFlow()
    const before = [core.memory().numTensors, backend.getNumOfTFTensors()]
    const network = buildNetwork({
      encoder: 'mobilenet-v2',
      alpha: 0.35,
      decoder: 'slim',
      inputChannels: 1,
      classes: 2,
      dropout: 0.3,
    })
    const engine = await loadEngine('tensorflow')
    const weights = initialiseWeights(network, new RandomGenerator(3))
    const trainer = await engine.createTrainer(
      network,
      { weights, firstMoments: new Map(), secondMoments: new Map(), step: 0 },
      {
        batch: 1,
        height: size,
        width: size,
        freezeEncoder: false,
        batchNorm: 'batch',
        batchNormMomentum: 0.01,
        classWeights: [1, 2],
        diceWeight: 0,
        weightDecay: 1e-2,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        clipNorm: 1,
      },
    )
    const random = new RandomGenerator(4)
    const data = Float32Array.from({ length: size * size }, () => random.uniform(-1, 1))
    const labels = Uint8Array.from(data, (value) => (value < 0 ? 0 : 1))
    const images = { data, batch: 1, channels: 1, height: size, width: size }
    let done = 0
    const stepUntil = async (end: number): Promise<void> => {
      while (done < end) {
        const together = Array.from({ length: stepsTogether }, (_, index) => ({
          images,
          labels,
          learningRate: 1e-3,
          dropoutSeed: done + index,
        }))
        await trainer.steps(together)
        done += stepsTogether
        // As the average of the weights does.
        if (done % 10 === 0) trainer.weights()
      }
    }
    // The allocators have what they need after some steps.
    await stepUntil(20)
    const { numTensors, numBytes } = core.memory()
    const resident = process.memoryUsage.rss()
    await stepUntil(steps)
    const grown = process.memoryUsage.rss() - resident
    console.log(
      `After ${done} steps: ${numTensors} tensors, ${numBytes} bytes before, ${core.memory().numTensors}, ${core.memory().numBytes} now; the process grew by ${(grown / 1e6).toFixed(1)} MB.`,
    )
    expect(core.memory()).toMatchObject({ numTensors, numBytes })
    expect(backend.getNumOfTFTensors()).toBe(before[1])
    expect(grown).toBeLessThan(150e6)
    await trainer.dispose()
    expect([core.memory().numTensors, backend.getNumOfTFTensors()]).toEqual(before)
  })
})
