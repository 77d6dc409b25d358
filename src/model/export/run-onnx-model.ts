import { InferenceSession, Tensor } from '../engine/onnxruntime/library.ts'
import { engineError } from '../engine/onnxruntime/session.ts'

/**
 * Runs an exported network once, as any other program would.
 * @param model an ONNX file with the input `image` and the output `probabilities`
 * @param shape of the input
 * @throws SegscopeError `engine-failed`
 */
export async function runOnnxModel(
  model: Uint8Array,
  image: Float32Array,
  shape: readonly number[],
): Promise<Float32Array> {
  try {
    const session = await InferenceSession.create(model, { executionProviders: ['cpu'], logSeverityLevel: 3 })
    const { probabilities } = await session.run({ image: new Tensor('float32', image, shape) })
    await session.release()
    return probabilities?.data as Float32Array
  } catch (cause) {
    throw engineError('run the exported network', cause)
  }
}
