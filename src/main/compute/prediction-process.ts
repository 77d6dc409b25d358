/** The child process that predicts while people label; see `prediction-messages.ts`. */
import type { Predictor } from '../../model/engine/engine.ts'
import { loadEngine } from '../../model/engine/engines.ts'
import type { ImageSource } from '../../model/images/image-source.ts'
import type { ChannelRange } from '../../model/images/normalise.ts'
import {
  type PartSettings,
  partWith,
  predictPart,
  rangesForPage,
} from '../../model/prediction/predict-part.ts'
import { readCheckpoint } from '../../model/weights/checkpoint.ts'
import { openImage } from '../imaging/open-image.ts'
import type {
  Prediction,
  PredictionNetwork,
  PredictionOrder,
  PredictionReplyMessage,
  PredictionRequestMessage,
} from './prediction-messages.ts'
import { packError } from './transferred-error.ts'

/** The checkpoint that was used last. */
let network: { name: string; predictor: Predictor; settings: PartSettings; classNames: string[] } | undefined
/** The page that was predicted last, as that checkpoint's network sees it. */
let opened: { name: string; source: ImageSource; ranges: ChannelRange[] } | undefined

/** Settles when what was asked for before is done. */
let before: Promise<unknown> = Promise.resolve()

process.on('message', (message: PredictionRequestMessage) => {
  before = before.then(() => answer(message))
})
// The application is gone: nobody waits.
process.on('disconnect', () => process.exit(0))

async function answer(message: PredictionRequestMessage): Promise<void> {
  try {
    if (message.kind === 'prepare') await load(message.network)
    else send({ kind: 'predicted', prediction: await predict(message.order) })
  } catch (thrown) {
    // Whoever predicts with what could not be prepared is told then.
    if (message.kind === 'predict') send({ kind: 'failed', error: packError(thrown) })
  }
}

async function predict(order: PredictionOrder): Promise<Prediction> {
  const { predictor, settings, classNames } = await load(order)
  const { source, ranges } = await open(order, settings)
  const part = partWith(order.x, order.y, source.info, settings.imageScale)
  return { part: await predictPart(predictor, source, order.page, part, { settings, ranges }), classNames }
}

async function load({ engine, checkpointFile, checkpointVersion }: PredictionNetwork) {
  const name = [engine, checkpointFile, checkpointVersion].join('\n')
  if (network?.name === name) return network
  await network?.predictor.dispose()
  network = undefined
  await close()
  const { header, network: description, weights } = await readCheckpoint(checkpointFile)
  const { normalisation, imageScale, classNames } = header.plan
  const options = { output: 'probabilities' } as const
  const predictor = await (await loadEngine(engine)).createPredictor(description, weights, options)
  network = { name, predictor, settings: { network: description, normalisation, imageScale }, classNames }
  return network
}

async function open({ path, fingerprint, page }: PredictionOrder, settings: PartSettings) {
  const name = [path, fingerprint, page].join('\n')
  if (opened?.name === name) return opened
  await close()
  const source = await openImage(path)
  try {
    opened = { name, source, ranges: await rangesForPage(source, page, settings) }
    return opened
  } catch (thrown) {
    await source.close()
    throw thrown
  }
}

async function close(): Promise<void> {
  await opened?.source.close()
  opened = undefined
}

function send(message: PredictionReplyMessage): void {
  process.send?.(message)
}
