/** The child process of one folder's segmentation; see `segmentation-messages.ts`. */
import { CancelledError } from '../../model/errors.ts'
import { readCheckpoint } from '../../model/weights/checkpoint.ts'
import { segmentWithCheckpoint } from '../services/segment-with-checkpoint.ts'
import { hasExtras, writeExtras } from '../services/segmentation-extras.ts'
import { waists } from '../services/waists.ts'
import type {
  SegmentationOrder,
  SegmentationReplyMessage,
  SegmentationRequestMessage,
} from './segmentation-messages.ts'
import { packError } from './transferred-error.ts'

const stopping = new AbortController()

process.on('message', (message: SegmentationRequestMessage) => {
  if (message.kind === 'segment') {
    segment(message.order).then(send, (error: unknown) => send({ kind: 'failed', error: packError(error) }))
  } else {
    stopping.abort(new CancelledError())
  }
})
// The application is gone: finished images are in place.
process.on('disconnect', () => process.exit(0))

async function segment(order: SegmentationOrder): Promise<SegmentationReplyMessage> {
  const checkpoint = await readCheckpoint(order.checkpointFile)
  const { signal } = stopping
  const summary = await segmentWithCheckpoint({
    ...order,
    checkpoint,
    signal,
    onEvent: (event) => send({ kind: 'event', event }),
  })
  if (hasExtras(order)) {
    await writeExtras(
      { ...order, splitting: waists(order.splitting) },
      {
        onProgress: (fraction) => send({ kind: 'extras', fraction }),
        onFailed: (event) => {
          summary.failed.push(event)
          send({ kind: 'event', event })
        },
      },
      signal,
    )
  }
  return { kind: 'finished', summary }
}

function send(message: SegmentationReplyMessage): void {
  process.send?.(message)
}
