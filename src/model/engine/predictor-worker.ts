import { parentPort, workerData } from 'node:worker_threads'
import { describeError, SegscopeError } from '../errors.ts'
import { buildNetwork } from '../network/unet.ts'
import { loadEngine } from './engines.ts'
import {
  predictorFailure,
  type PredictorJob,
  type PredictorReply,
  type PredictorRequest,
} from './predictor-thread.ts'

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
    reply = { error: errorOf(thrown) }
  }
  port?.postMessage(reply, reply.output === undefined ? [] : [reply.output.data.buffer as ArrayBuffer])
}

/** A copy between threads would lose an error's class. */
function errorOf(thrown: unknown): NonNullable<PredictorReply['error']> {
  const error = thrown instanceof SegscopeError ? thrown : predictorFailure(describeError(thrown))
  const { code, message, file, remedy } = error
  return { code, message, file, remedy }
}
