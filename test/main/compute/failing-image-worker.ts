import { existsSync } from 'node:fs'
import { parentPort, threadId } from 'node:worker_threads'
import type { ImageWorkerReply, ImageWorkerRequest } from '../../../src/main/compute/image-tasks.ts'

/** Stands for a decoder that some files bring down: does what the path says, and tells the order of what it was asked. */
const port = parentPort
if (port === null) throw new Error('This module runs in a worker thread only.')

port.on('message', (request: ImageWorkerRequest) => {
  if (request.kind === 'cancel') return
  const { path } = request.input
  if (path === 'exit') process.exit(3)
  if (path === 'throw') throw new RangeError('Out of bounds')
  if (path === 'hang') for (;;);
  const answer = (): void => {
    const bytes = new Uint8Array([threadId])
    port.postMessage({ kind: 'done', output: { bytes, preliminary: false } } satisfies ImageWorkerReply)
  }
  const [, file] = /^until (.*) is there$/.exec(path) ?? []
  if (file === undefined) answer()
  else {
    const polling = setInterval(() => {
      if (!existsSync(file)) return
      clearInterval(polling)
      answer()
    }, 10)
  }
})
