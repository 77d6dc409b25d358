import type { Network } from '../../network/network.ts'
import type { NamedTensors } from '../../weights/tensor.ts'
import type { ImageBatch, NetworkOutput, Predictor, PredictorOptions } from '../engine.ts'
import { buildInferenceGraph, type InferenceGraph } from './inference-graph.ts'
import { loadTensorFlow } from './native.ts'
import { engineError, type Feeds, TensorFlowSession } from './session.ts'

/**
 * Compiles the network for prediction, for inputs of any size.
 * @throws SegscopeError `engine-not-installed`, `engine-failed`
 */
export async function createTensorFlowPredictor(
  network: Network,
  weights: NamedTensors,
  options: PredictorOptions,
): Promise<Predictor> {
  const native = await loadTensorFlow(options.threads)
  const graph = buildInferenceGraph(network, weights, options.output)
  return new TensorFlowPredictor(await TensorFlowSession.create(native, graph.nodes), graph.shapes, network)
}

class TensorFlowPredictor implements Predictor {
  readonly #session: TensorFlowSession
  readonly #shapes: InferenceGraph['shapes']
  readonly #network: Network

  constructor(session: TensorFlowSession, shapes: InferenceGraph['shapes'], network: Network) {
    this.#session = session
    this.#shapes = shapes
    this.#network = network
  }

  async run(images: ImageBatch): Promise<NetworkOutput> {
    const { batch, channels, height, width, data } = images
    const { stride, classes } = this.#network
    if (height % stride !== 0 || width % stride !== 0) {
      throw new RangeError(`The network takes multiples of ${stride} pixels, not ${width} x ${height}.`)
    }
    const feeds: Feeds = {
      image: { data, shape: [batch, channels, height, width] },
      ...Object.fromEntries(
        this.#shapes.map(({ name, factor, channels: made }) => [
          name,
          { data: Int32Array.of(batch, height * factor, width * factor, made), shape: [4] },
        ]),
      ),
    }
    try {
      const [output] = this.#session.run(feeds, ['output'])
      return { data: output as Float32Array, batch, classes, height, width }
    } catch (cause) {
      throw engineError('segment', cause)
    }
  }

  async dispose(): Promise<void> {
    this.#session.dispose()
  }
}
