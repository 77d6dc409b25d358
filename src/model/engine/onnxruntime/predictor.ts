import { type InferenceSession, Tensor as OrtTensor } from './library.ts'
import type { Network } from '../../network/network.ts'
import type { NamedTensors } from '../../weights/tensor.ts'
import type { ImageBatch, NetworkOutput, Predictor, PredictorOptions } from '../engine.ts'
import { buildInferenceGraph } from './inference-graph.ts'
import { createSession, engineError } from './session.ts'

/**
 * Compiles the network for prediction, for inputs of any size.
 * @param sessionOptions of another device than the processor
 * @throws SegscopeError `engine-failed`
 */
export async function createOnnxPredictor(
  network: Network,
  weights: NamedTensors,
  options: PredictorOptions,
  sessionOptions: Partial<InferenceSession.SessionOptions> = {},
): Promise<Predictor> {
  const graph = buildInferenceGraph(network, weights, options.output)
  // A memory pattern plans one block for all of a run, beside what the run before it has taken bit by bit: of 1088 x 1088 pixels 1.25 GB
  // were needed with it and 0.8 GB without, in the same time.
  const session = await createSession(graph, options.threads, { enableMemPattern: false, ...sessionOptions })
  return new OnnxPredictor(session, network, options.output)
}

class OnnxPredictor implements Predictor {
  readonly #session: InferenceSession
  readonly #network: Network
  readonly #output: string

  constructor(session: InferenceSession, network: Network, output: string) {
    this.#session = session
    this.#network = network
    this.#output = output
  }

  async run(images: ImageBatch): Promise<NetworkOutput> {
    const { batch, channels, height, width, data } = images
    const { stride, classes } = this.#network
    if (height % stride !== 0 || width % stride !== 0) {
      throw new RangeError(`The network takes multiples of ${stride} pixels, not ${width} x ${height}.`)
    }
    try {
      const results = await this.#session.run({
        image: new OrtTensor('float32', data, [batch, channels, height, width]),
      })
      const result = results[this.#output] as OrtTensor
      return { data: result.data as Float32Array, batch, classes, height, width }
    } catch (cause) {
      throw engineError('segment', cause)
    }
  }

  async dispose(): Promise<void> {
    await this.#session.release()
  }
}
