import { parentPort, workerData } from 'node:worker_threads'
import { shrinkFactor, shrinkImage, shrinkLabels } from '../../model/images/shrink.ts'
import { type BatchMaker, createBatchMaker } from '../../model/training/batch-source.ts'
import { readLabelMap } from '../imaging/read-label-map.ts'
import type { BatchReply, BatchRequest, BatchStreamSpec } from './batch-messages.ts'
import { ImageMemory } from './image-memory.ts'
import { packError } from './transferred-error.ts'

/** For decoded images and label maps: 1.5 GiB, which leaves a laptop of 8 GiB room for the training step. */
const memoryBytes = 1.5 * 2 ** 30

/**
 * A thread that makes training batches from image files, one for each request, in their order. Started by
 * `batch-stream.ts`.
 */
if (parentPort === null) throw new Error('This module runs in a worker thread only.')
const port = parentPort
const maker = openFiles(workerData as BatchStreamSpec)
// Its failure is the answer to every request; before the first one it must not end the thread.
maker.catch(() => undefined)

let work = Promise.resolve()
port.on('message', (request: BatchRequest) => {
  work = work.then(() => (request.kind === 'close' ? port.close() : answer(request.step)))
})

async function openFiles({ images, labelValues, plan }: BatchStreamSpec): Promise<BatchMaker> {
  const memory = new ImageMemory(memoryBytes)
  const factor = shrinkFactor(plan.imageScale)
  const items = []
  for (const { path, labelPath } of images) {
    items.push({
      image: shrinkImage(await memory.image(path), factor),
      labelPath,
      readLabels: memory.labels(async () =>
        shrinkLabels(await readLabelMap(labelPath, labelValues, plan.network.classes), factor),
      ),
    })
  }
  return createBatchMaker(items, plan)
}

async function answer(step: number): Promise<void> {
  let reply: BatchReply
  try {
    reply = { kind: 'batch', step, batch: await (await maker).make(step) }
  } catch (error) {
    reply = { kind: 'failed', step, error: packError(error) }
  }
  const transferred =
    reply.kind === 'batch' ? [reply.batch.images.data.buffer as ArrayBuffer, reply.batch.labels.buffer] : []
  port.postMessage(reply, transferred)
}
