import { parentPort, workerData } from 'node:worker_threads'
import { describeError } from '../errors.ts'
import { buildNetwork } from '../network/unet.ts'
import { loadEngine } from './engines.ts'
import type { PredictorJob, PredictorReply, PredictorRequest } from './predictor-thread.ts'

const port = parentPort
if (port === null) throw new Error('The predictor worker runs as a worker thread only.')
const job = workerData as PredictorJob

/** Compiled when the first request arrives, so that its failure has somebody to be told to. */
const prepared = loadEngine(job.engine).then((engine) =>
  engine.createPredictor(buildNetwork(job.network), job.weights, job.options),
)
prepared.catch(() => undefined)

port.on('message', (request: PredictorRequest) => {
  if (request === 'end') port.close()
  else void answer(request)
})

async function answer(request: Exclude<PredictorRequest, 'end'>): Promise<void> {
  let reply: PredictorReply
  try {
    const predictor = await prepared
    if (request.images === undefined) {
      reply = {}
    } else {
      const output = await predictor.run(request.images)
      // The engine's own buffer belongs to it: a copy travels.
      reply = { output: { ...output, data: output.data.slice() } }
    }
  } catch (thrown) {
    reply = { error: describeError(thrown) }
  }
  port?.postMessage(reply, reply.output === undefined ? [] : [reply.output.data.buffer as ArrayBuffer])
}
