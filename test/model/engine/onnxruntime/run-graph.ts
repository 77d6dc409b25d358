import { Tensor as OrtTensor } from '../../../../src/model/engine/onnxruntime/library.ts'
import { GraphBuilder, type Value } from '../../../../src/model/engine/onnxruntime/graph-builder.ts'
import { createSession } from '../../../../src/model/engine/onnxruntime/session.ts'

/** What a graph is fed with: floats, or labels where the data are bytes. */
export interface Fed {
  shape: readonly number[]
  data: Float32Array | Uint8Array
}

/**
 * Builds a graph, compiles it as a training step is compiled, and runs it once.
 * @param fed inputs of the graph by name
 * @param build puts operators into the graph. @returns what to read, by name
 */
export async function runGraph(
  fed: Readonly<Record<string, Fed>>,
  build: (builder: GraphBuilder, inputs: Readonly<Record<string, Value>>) => Record<string, Value>,
): Promise<Record<string, Float32Array>> {
  const builder = new GraphBuilder()
  const values: Record<string, Value> = {}
  const feeds: Record<string, OrtTensor> = {}
  for (const [name, { shape, data }] of Object.entries(fed)) {
    const floats = data instanceof Float32Array
    values[name] = builder.input(name, shape, floats ? 'float' : 'uint8')
    feeds[name] = floats ? new OrtTensor('float32', data, shape) : new OrtTensor('uint8', data, shape)
  }
  const wanted = build(builder, values)
  for (const [name, value] of Object.entries(wanted)) builder.output(name, value)
  const session = await createSession(builder.finish('test'), 1)
  try {
    const results = await session.run(feeds)
    return Object.fromEntries(
      Object.entries(results).map(([name, result]) => [name, (result.data as Float32Array).slice()]),
    )
  } finally {
    await session.release()
  }
}
