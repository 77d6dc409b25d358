import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import { SegscopeError } from '../../model/errors.ts'
import { siblingModule } from '../compute/sibling-module.ts'
import { type TransferredError, unpackError } from '../compute/transferred-error.ts'
import { type Progress, progressOf } from '../services/progress.ts'
import { SAMPLE_FRAMES } from './sample-images.ts'
import type { SampleProject } from './write-sample-project.ts'

export interface SampleWorkerData {
  folder: string
  seed: number
}

export type SampleReply =
  | { kind: 'frame'; written: number }
  | { kind: 'done'; samples: SampleProject }
  | { kind: 'failed'; error: TransferredError }

/**
 * `writeSampleProject` in a thread of its own, as the drawing takes seconds.
 * @throws SegscopeError as `writeSampleProject`, `sample-worker-died`; the signal's reason
 */
export async function* drawSamples(
  data: SampleWorkerData,
  signal?: AbortSignal,
): AsyncGenerator<Progress, SampleProject> {
  const worker = new Worker(siblingModule(import.meta.url, 'sample-worker'), { workerData: data })
  try {
    const replies = on(worker, 'message', { close: ['exit'], ...(signal && { signal }) })
    for await (const [reply] of replies as AsyncIterable<[SampleReply]>) {
      if (reply.kind === 'done') return reply.samples
      if (reply.kind === 'failed') throw unpackError(reply.error)
      yield progressOf(reply.written, SAMPLE_FRAMES, 'sample images')
    }
    throw new SegscopeError('sample-worker-died', 'The thread that draws the sample images ended early.', {
      remedy: 'Try again; other programs may have taken all of the memory.',
    })
  } finally {
    await worker.terminate()
  }
}
