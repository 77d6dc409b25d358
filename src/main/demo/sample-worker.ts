import { parentPort, workerData } from 'node:worker_threads'
import { packError } from '../compute/transferred-error.ts'
import type { SampleReply, SampleWorkerData } from './draw-samples.ts'
import { writeSampleProject } from './write-sample-project.ts'

const port = parentPort
if (port === null) throw new Error('This module runs in a worker thread only.')
const { folder, seed } = workerData as SampleWorkerData
const tell = (reply: SampleReply): void => {
  port.postMessage(reply)
}

try {
  tell({
    kind: 'done',
    samples: await writeSampleProject(folder, {
      seed,
      onFrame: (written) => tell({ kind: 'frame', written }),
    }),
  })
} catch (thrown) {
  tell({ kind: 'failed', error: packError(thrown) })
}
