import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import type { ImageBatch, Predictor, PredictorOptions } from '../../../src/model/engine/engine.ts'
import { createOnnxPredictor } from '../../../src/model/engine/onnxruntime/predictor.ts'
import { createPredictorThread } from '../../../src/model/engine/predictor-thread.ts'
import { buildNetwork } from '../../../src/model/network/unet.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { initialiseWeights } from '../../../src/model/weights/initialise.ts'

const network = buildNetwork({
  encoder: 'mobilenet-v2',
  alpha: 0.35,
  decoder: 'slim',
  inputChannels: 1,
  classes: 2,
  dropout: 0,
})
const weights = initialiseWeights(network, new RandomGenerator(1))
const options: PredictorOptions = { output: 'logits', threads: 1 }

function noise(seed: number, size = 64): ImageBatch {
  const random = new RandomGenerator(seed)
  const data = Float32Array.from({ length: size * size }, () => random.uniform(-1, 1))
  return { data, batch: 1, channels: 1, height: size, width: size }
}

/** A predictor in a thread, and the thread itself. */
async function start(): Promise<{ predictor: Predictor; worker: Worker }> {
  const started = once(process, 'worker') as Promise<[Worker]>
  const predictor = await createPredictorThread('onnxruntime', network, weights, options)
  const [worker] = await started
  return { predictor, worker }
}

it('a thread answers as the engine does, in the order of the questions, and its answers stay', async () => {
  const direct = await createOnnxPredictor(network, weights, options)
  const { predictor } = await start()
  const answers = await Promise.all([1, 2, 3].map((seed) => predictor.run(noise(seed))))
  for (const [index, { data, ...shape }] of answers.entries()) {
    const { data: expected, ...expectedShape } = await direct.run(noise(index + 1))
    expect(shape).toEqual(expectedShape)
    expect(Buffer.from(data.buffer).equals(Buffer.from(expected.slice().buffer))).toBe(true)
  }
  await predictor.dispose()
  await direct.dispose()
})

it('what the engine refuses is told with its reason, and the thread goes on', async () => {
  const { predictor } = await start()
  const [refused, answered] = await Promise.allSettled([predictor.run(noise(1, 48)), predictor.run(noise(2))])
  expect(refused).toMatchObject({
    status: 'rejected',
    reason: { code: 'engine-failed', message: expect.stringContaining('multiples of 32 pixels') as string },
  })
  expect(answered).toMatchObject({ status: 'fulfilled', value: { height: 64 } })
  await predictor.dispose()
})

it('images that cannot be sent fail alone: later ones get their own answers', async () => {
  const { predictor } = await start()
  const gone = noise(1)
  structuredClone(gone.data.buffer, { transfer: [gone.data.buffer as ArrayBuffer] })
  await expect(predictor.run(gone)).rejects.toThrow()
  const [first, second] = await Promise.all([predictor.run(noise(2, 32)), predictor.run(noise(3, 64))])
  expect([first.height, second.height]).toEqual([32, 64])
  await predictor.dispose()
}, 20_000)

it('a network that cannot be prepared is told at once, and leaves no thread behind', async () => {
  const lacking = new Map(weights)
  lacking.delete('head.bias')
  const started = once(process, 'worker') as Promise<[Worker]>
  await expect(createPredictorThread('onnxruntime', network, lacking, options)).rejects.toMatchObject({
    code: 'engine-failed',
    message: expect.stringContaining('head.bias') as string,
  })
  const [worker] = await started
  expect(worker.threadId).toBe(-1)
})

it('a thread that dies ends what waits for it, and whatever is asked later', async () => {
  const started = once(process, 'worker') as Promise<[Worker]>
  const starting = createPredictorThread('onnxruntime', network, weights, options)
  await (await started)[0].terminate()
  await expect(starting).rejects.toMatchObject({ code: 'engine-failed' })

  const { predictor, worker } = await start()
  await worker.terminate()
  await expect(predictor.run(noise(1))).rejects.toMatchObject({ code: 'engine-failed' })
  await predictor.dispose()
})

it.each([0, 2, 10])(
  'giving a predictor back %i ms after a question ends all that waits, and the thread',
  async (delay) => {
    const { predictor, worker } = await start()
    const waiting = Promise.allSettled([1, 2, 3].map((seed) => predictor.run(noise(seed, 256))))
    await setTimeout(delay)
    await predictor.dispose()
    const results = await waiting
    expect(results.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'engine-failed' } })
    expect(worker.threadId).toBe(-1)
    await expect(predictor.run(noise(1))).rejects.toMatchObject({ code: 'engine-failed' })
  },
)
