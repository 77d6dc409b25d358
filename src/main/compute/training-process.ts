/** The child process of one training; see `training-messages.ts`. */
import { CancelledError } from '../../model/errors.ts'
import { buildNetwork } from '../../model/network/unet.ts'
import { prepareTraining } from '../services/prepare-training.ts'
import { readPaintedData } from '../services/painted-data.ts'
import type { TrainingNews } from '../services/training-news.ts'
import { TrainingPreviewer } from '../services/training-previewer.ts'
import { runTraining, scoredImages, type TrainingJob } from '../services/training-run.ts'
import type { TrainingReplyMessage, TrainingRequestMessage } from './training-messages.ts'
import { packError } from './transferred-error.ts'

const stopping = new AbortController()
/** While paused: settles when the person lets it go on. */
let paused: PromiseWithResolvers<void> | undefined
let previewer: TrainingPreviewer | undefined

process.on('message', (message: TrainingRequestMessage) => {
  switch (message.kind) {
    case 'prepare':
      answer(prepare(message))
      break
    case 'run':
      answer(run(message))
      break
    case 'pause':
      paused ??= Promise.withResolvers()
      break
    case 'go-on':
      goOn()
      break
    case 'preview':
      previewer?.choose(message.path)
      break
    case 'stop':
      stopping.abort(new CancelledError())
      goOn()
      break
  }
})
// The application is gone: what was saved is saved.
process.on('disconnect', () => process.exit(0))

function goOn(): void {
  paused?.resolve()
  paused = undefined
}

async function prepare({
  images,
  classNames,
  wishes,
}: Extract<TrainingRequestMessage, { kind: 'prepare' }>): Promise<TrainingReplyMessage> {
  const onProgress = (done: number, total: number): void => tell({ kind: 'reading', done, total })
  const data = await readPaintedData(images, classNames, onProgress, stopping.signal)
  return { kind: 'prepared', prepared: await prepareTraining(data, wishes, tell, stopping.signal) }
}

async function run({ job }: Extract<TrainingRequestMessage, { kind: 'run' }>): Promise<TrainingReplyMessage> {
  const gate = async (): Promise<void> => paused?.promise
  previewer = previewerOf(job)
  return { kind: 'finished', finished: await runTraining(job, tell, stopping.signal, gate, previewer) }
}

function previewerOf(job: TrainingJob): TrainingPreviewer | undefined {
  const [first, ...more] = scoredImages(job).map(({ path }) => path)
  if (first === undefined) return undefined
  const network = buildNetwork(job.plan.network)
  return new TrainingPreviewer(network, job.plan, [first, ...more], (preview) =>
    tell({ kind: 'preview', preview }),
  )
}

function tell(news: TrainingNews): void {
  send({ kind: 'news', news })
}

function answer(work: Promise<TrainingReplyMessage>): void {
  work.then(send, (error: unknown) => send({ kind: 'failed', error: packError(error) }))
}

function send(message: TrainingReplyMessage): void {
  process.send?.(message)
}
