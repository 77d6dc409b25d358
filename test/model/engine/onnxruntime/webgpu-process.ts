/** The child process of webgpu.test.ts: prints how far the predictions on the GPU are from the processor's. */
import { loadEngine } from '../../../../src/model/engine/engines.ts'
import { createPredictorThread } from '../../../../src/model/engine/predictor-thread.ts'
import { checkEngine } from '../../../../src/model/engine/self-test.ts'
import { SegscopeError } from '../../../../src/model/errors.ts'
import { buildNetwork } from '../../../../src/model/network/unet.ts'
import { RandomGenerator } from '../../../../src/model/random.ts'
import { initialiseWeights } from '../../../../src/model/weights/initialise.ts'
import { largestDifference } from '../compare.ts'

const network = buildNetwork({
  encoder: 'mobilenet-v2',
  alpha: 0.35,
  decoder: 'pix2pix',
  inputChannels: 2,
  classes: 3,
  dropout: 0,
})

async function compare(): Promise<{ device: string; differences: number[] }> {
  const gpu = await loadEngine('onnxruntime-webgpu')
  await checkEngine(gpu)
  const weights = initialiseWeights(network, new RandomGenerator(1))
  weights.get('head.kernel')?.data.forEach((value, index, data) => (data[index] = 30 * value))
  // As a folder's segmentation runs it: in a thread, with tiles of several sizes.
  const predictors = []
  for (const name of ['onnxruntime', 'onnxruntime-webgpu']) {
    predictors.push(await createPredictorThread(name, network, weights, { output: 'logits' }))
  }
  const random = new RandomGenerator(2)
  const differences: number[] = []
  for (const [batch, height, width] of [
    [1, 64, 96],
    [2, 32, 32],
  ] as const) {
    const data = Float32Array.from({ length: batch * 2 * height * width }, () => random.uniform(-1, 1))
    const outputs = []
    for (const predictor of predictors) {
      outputs.push((await predictor.run({ data, batch, channels: 2, height, width })).data)
    }
    differences.push(largestDifference(outputs[1] as Float32Array, outputs[0] as Float32Array))
  }
  for (const predictor of predictors) await predictor.dispose()
  return { device: gpu.describe().device, differences }
}

const answer = await compare().catch((thrown: unknown) => {
  if (!(thrown instanceof SegscopeError)) throw thrown
  return { code: thrown.code, message: thrown.message }
})
console.log(JSON.stringify(answer))
