import { parentPort } from 'node:worker_threads'
import { measureChannels } from '../imaging/channel-statistics.ts'
import { encodeClasses } from '../imaging/class-picture.ts'
import { buildPyramid } from '../imaging/pyramid/build-pyramid.ts'
import { imageChanged } from '../imaging/pyramid/image-view.ts'
import { encodeThumbnail } from '../imaging/thumbnail.ts'
import { namesInLabels } from '../imaging/label-readers/open-labels.ts'
import { namedImages } from '../imaging/label-readers/pairs-by-content.ts'
import { countStoredValues, readLabelTiles } from '../imaging/read-label-tiles.ts'
import { fingerprintImage } from '../services/content-fingerprint.ts'
import type { ImageTask, ImageTasks, ImageWorkerReply, ImageWorkerRequest } from './image-tasks.ts'
import {
  compareResult,
  findResultObject,
  measureResult,
  readResultObject,
  readResultTiles,
} from '../services/results-reading.ts'
import { openImage } from '../imaging/open-image.ts'
import { OpenImages } from './open-images.ts'
import { packError } from './transferred-error.ts'

/** A thread that reads image files, one task after another. Started by `image-workers.ts`. */
if (parentPort === null) throw new Error('This module runs in a worker thread only.')
const port = parentPort
const images = new OpenImages()

type Performers = {
  [Task in ImageTask]: (
    input: ImageTasks[Task]['input'],
    signal: AbortSignal,
  ) => Promise<ImageTasks[Task]['output']>
}

const performers: Performers = {
  async identify({ path }) {
    // A drive may be slow, and still is no reason to give a file up; a reader that never comes back to this timer is.
    const breath = setInterval(() => port.postMessage({ kind: 'alive' } satisfies ImageWorkerReply), 1000)
    try {
      const source = await openImage(path)
      await source.close()
      return { info: source.info, fingerprint: await fingerprintImage(path) }
    } finally {
      clearInterval(breath)
    }
  },
  async inspect({ path }) {
    const image = await images.get(path)
    return {
      info: image.source.info,
      fingerprint: await fingerprintImage(path),
      statistics: measureChannels(await image.sample(0)),
    }
  },
  async 'read tile'({ path, place }) {
    return await (await images.get(path)).tile(place)
  },
  'count label values': countStoredValues,
  'read label tiles': (place) => readLabelTiles(place, place.page, place.reading),
  'list label names': ({ path }) => namesInLabels(path),
  'find named images': ({ path, images }) => namedImages(path, images),
  'read result tiles': async (part) => ({ bytes: await readResultTiles(part) }),
  'read result object': async (object) => ({ bytes: await readResultObject(object) }),
  'find result object': findResultObject,
  'measure result': measureResult,
  'compare result': compareResult,
  async 'make thumbnail'({ path }) {
    const plane = await (await images.get(path)).sample(0)
    return { webp: await encodeThumbnail(plane), fingerprint: await fingerprintImage(path) }
  },
  async 'make result thumbnail'({ path, colours }) {
    const labels = await openImage(path)
    try {
      return { bytes: await encodeClasses(labels, colours) }
    } finally {
      await labels.close()
    }
  },
  async 'build pyramid'({ path, page, fingerprint, file }, signal) {
    const { source } = await images.get(path)
    if ((await fingerprintImage(path)) !== fingerprint) throw imageChanged(path)
    const onBand = (): void => port.postMessage({ kind: 'alive' } satisfies ImageWorkerReply)
    await buildPyramid(source, page, file, { signal, onBand })
  },
}

let current: { number: number; stopping: AbortController } | undefined

port.on('message', (request: ImageWorkerRequest) => {
  if (request.kind === 'begin') void perform(request)
  else if (current?.number === request.number) current.stopping.abort()
})

async function perform({
  number,
  task,
  input,
}: Extract<ImageWorkerRequest, { kind: 'begin' }>): Promise<void> {
  const stopping = new AbortController()
  current = { number, stopping }
  let reply: ImageWorkerReply
  try {
    const performer = performers[task] as (input: unknown, signal: AbortSignal) => Promise<never>
    reply = { kind: 'done', output: await performer(input, stopping.signal) }
  } catch (error) {
    reply = { kind: 'failed', error: packError(error) }
  }
  current = undefined
  images.rest()
  port.postMessage(reply, transferred(reply))
}

/** A tile's memory goes along with it; all else is copied. */
function transferred(reply: ImageWorkerReply): ArrayBuffer[] {
  if (reply.kind !== 'done' || !reply.output || !('bytes' in reply.output)) return []
  return [reply.output.bytes.buffer]
}
