import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Application } from '../../../src/main/application.ts'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { TiffWriter } from '../../../src/main/imaging/tiff-writer.ts'
import { answerRequest } from '../../../src/main/pixels/answer-request.ts'
import type { CheckpointRecord } from '../../../src/main/database/repositories/checkpoints.ts'
import { importCheckpoint } from '../../../src/main/services/checkpoint-files.ts'
import { fingerprintImage } from '../../../src/main/services/content-fingerprint.ts'
import { rankByUncertainty } from '../../../src/main/services/rank-by-uncertainty.ts'
import { networkClassValues } from '../../../src/main/services/network-class-values.ts'
import { onnxRuntimeEngine } from '../../../src/model/engine/onnxruntime/index.ts'
import { predictImage, prepareImage } from '../../../src/model/prediction/predict-image.ts'
import { readCheckpoint, writeCheckpoint } from '../../../src/model/weights/checkpoint.ts'
import { PREDICTION_TILE_SIZE, predictionTileAddress } from '../../../src/preload/contract/addresses.ts'
import type { Problem } from '../../../src/preload/contract/base.ts'
import { decodePredictionTile, type PredictionTile } from '../../../src/preload/contract/prediction-tiles.ts'
import { smallNetwork, writeRandomCheckpoint } from '../../endurance/random-checkpoint.ts'
import { noiseImage } from '../../model/prediction/memory-image.ts'
import { planWith } from '../../model/training/fixtures.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { childProcesses } from '../child-processes.ts'
import { startApplication } from '../procedures/connections.ts'

const SIZE = PREDICTION_TILE_SIZE
/** Too large to be predicted as a whole. */
const large = { width: 1900, height: 1500 }
/** The same where it is halved. */
const larger = { width: 2600, height: 2500 }
const small = { width: 700, height: 530 }

let application: Application

beforeEach(async () => {
  application = await startApplication()
  onTestFinished(() => application.closeProject())
  await application.create(join(temporaryFolder(), 'project'), 'Plates')
})

async function addNoise(size: { width: number; height: number }): Promise<number> {
  const path = join(temporaryFolder(), 'noise.tif')
  const noise = noiseImage(size.width, size.height)
  const layout = { ...size, sampleType: 'uint16', channels: 1, frames: 1 } as const
  const writer = await TiffWriter.create(path, { ...layout, displayRange: [0, 65535], pixelSize: undefined })
  await writer.writeRows((await noise.read({ x: 0, y: 0, ...size })).samples as Uint16Array)
  await writer.finish()
  const { images } = application.requireOpened().project
  const fingerprint = await fingerprintImage(path)
  return images.save({ path, fingerprint, ...size, channels: 1, pages: 1, sampleType: 'uint16' }).id
}

/** A checkpoint that nobody trained, whose logits are about 1, so that differences show. Its file, and its id here. */
async function addCheckpoint(name: string, imageScale: number): Promise<{ file: string; id: string }> {
  const file = join(temporaryFolder(), `${name}.safetensors`)
  await writeRandomCheckpoint(file, smallNetwork)
  const { header, weights } = await readCheckpoint(file)
  const head = weights.get('head.kernel')?.data as Float32Array
  head.forEach((value, index) => (head[index] = 10 * value))
  const normalisation = { ...header.plan.normalisation, scope: 'image' as const }
  await writeCheckpoint(file, { ...header, plan: { ...header.plan, imageScale, normalisation } }, weights)
  return { file, id: await importCheckpoint(application.requireOpened().project, file) }
}

async function ask(
  image: number,
  tile: { column: number; row: number },
  checkpoint: string,
  signal?: AbortSignal,
): Promise<Response> {
  const address = `http://segscope${predictionTileAddress({ image, page: 0 }, tile, checkpoint)}`
  return (await answerRequest(application, new Request(address, { ...(signal && { signal }) }))) as Response
}

async function tileOf(response: Response): Promise<PredictionTile> {
  expect(response.status).toBe(200)
  return decodePredictionTile(new Uint8Array(await response.arrayBuffer()))
}

test.each([
  [1, large],
  [1 / 2, larger],
])('tiles are what the whole image gives, at a scale of %f', async (imageScale, size) => {
  const image = await addNoise(size)
  const { file, id } = await addCheckpoint(`scale-${imageScale}`, imageScale)
  const { header, network, weights } = await readCheckpoint(file)
  const predictor = await onnxRuntimeEngine.createPredictor(network, weights, { output: 'probabilities' })
  const source = await openImage(application.requireOpened().project.images.find(image)?.path as string)
  const tiling = { wholePixels: Infinity, tilePixels: Infinity, margin: 256, blend: 32 }
  const { normalisation } = header.plan
  const prepared = await prepareImage(source, 0, { network, normalisation, imageScale, tiling })
  const labels = new Uint8Array(size.width * size.height)
  const highest = new Float32Array(labels.length)
  for await (const band of predictImage(predictor, prepared, { flips: false, probabilities: true })) {
    const start = band.y * size.width
    labels.set(band.labels, start)
    band.labels.forEach((label, at) => (highest[start + at] = band.probabilities?.[label]?.[at] as number))
  }
  await predictor.dispose()
  await source.close()
  expect(
    highest.reduce((most, each) => Math.max(most, each)) -
      highest.reduce((least, each) => Math.min(least, each)),
  ).toBeGreaterThan(0.2)

  // Inner and outer ones, and their neighbours, so that every kind of border is met.
  const last = { column: Math.floor(size.width / SIZE), row: Math.floor(size.height / SIZE) }
  for (const tile of [{ column: 1, row: 1 }, { column: 2, row: 1 }, { column: 0, row: 1 }, last]) {
    const { width, height, values, uncertainty } = await tileOf(await ask(image, tile, id))
    const [left, top] = [tile.column * SIZE, tile.row * SIZE]
    expect([width, height]).toEqual([Math.min(SIZE, size.width - left), Math.min(SIZE, size.height - top)])
    let [farthest, different] = [0, 0]
    values.forEach((value, at) => {
      const place = (top + Math.floor(at / width)) * size.width + left + (at % width)
      // By its place: the project's only class is the background.
      if (value !== (labels[place] === 0 ? 0 : 255)) different++
      const expected = 255 * (1 - (highest[place] as number))
      farthest = Math.max(farthest, Math.abs((uncertainty[at] as number) - expected))
    })
    // Of that, rounding takes a half; see `true-network.test.ts` for what a margin leaves.
    expect(farthest).toBeLessThan(1)
    expect(different / values.length).toBeLessThan(1e-3)
  }
})

test('classes become those of the project: as they were learnt, by name, or else by place', async () => {
  const { project, classes } = application.requireOpened()
  for (const name of ['Rim', 'cell', 'debris']) classes.add(name)
  classes.remove(2)
  const names = ['ground', 'colony', 'rim', 'debris', 'bubble']
  const { id } = await addCheckpoint('foreign', 1)
  const foreign = project.checkpoints.find(id) as CheckpointRecord
  // Rim is at the place of colony, and debris at that of the network's rim.
  expect(networkClassValues(project, foreign, names)).toEqual([0, 255, 1, 3, 255])
  // Not what is at its place, which is debris.
  expect(networkClassValues(project, foreign, ['ground', 'rim', 'outline'])).toEqual([0, 1, 1])
  const experiment = project.experiments.create({
    plan: planWith({}),
    parameters: { classValues: '0,3,2' },
    versions: {},
    engine: onnxRuntimeEngine.describe(),
    images: [],
  })
  expect(networkClassValues(project, { ...foreign, experiment }, names)).toEqual([0, 3, 255])
})

test('an unchanged view is answered from memory; what nobody waits for is not begun', async () => {
  const largeImage = await addNoise(large)
  const { id } = await addCheckpoint('cached', 1)
  const first = await tileOf(await ask(largeImage, { column: 1, row: 1 }, id))
  for (const child of predictionProcesses()) process.kill(child, 'SIGSTOP')
  try {
    expect(await tileOf(await ask(largeImage, { column: 1, row: 1 }, id))).toEqual(first)
    const leaving = new AbortController()
    const running = ask(largeImage, { column: 2, row: 1 }, id)
    const waiting = ask(largeImage, { column: 3, row: 1 }, id, leaving.signal)
    leaving.abort()
    for (const child of predictionProcesses()) process.kill(child, 'SIGCONT')
    await tileOf(await running)
    expect((await (await waiting).json()) as Problem).toMatchObject({ code: 'cancelled' })
  } finally {
    for (const child of predictionProcesses()) process.kill(child, 'SIGCONT')
  }
})

test('a process that dies says so, and the next one predicts', async () => {
  const smallImage = await addNoise(small)
  const { id } = await addCheckpoint('dying', 1)
  const tile = { column: 0, row: 0 }
  const lost = ask(smallImage, tile, id)
  while (predictionProcesses().length === 0) await setTimeout(10)
  for (const child of predictionProcesses()) process.kill(child, 'SIGKILL')
  expect((await (await lost).json()) as Problem).toMatchObject({ code: 'compute-died' })
  await tileOf(await ask(smallImage, tile, id))
})

test('preparing what cannot be read harms nobody: who asks it is told', async () => {
  const smallImage = await addNoise(small)
  const { project, predictions } = application.requireOpened()
  const [good, broken] = [await addCheckpoint('good', 1), await addCheckpoint('broken', 1)]
  writeFileSync(project.checkpoints.find(broken.id)?.file as string, 'no checkpoint')
  const tile = { column: 0, row: 0 }
  predictions.prepare(good.id)
  predictions.prepare(broken.id)
  expect(predictionProcesses()).toHaveLength(1)
  await tileOf(await ask(smallImage, tile, good.id))
  expect((await ask(smallImage, tile, broken.id)).ok).toBe(false)
  expect(() => predictions.prepare('none')).toThrow(/no checkpoint none/)
})

test('images are ordered by how unsure the checkpoint is; one that cannot be read is told, and the rest goes on', async () => {
  const { project, predictions } = application.requireOpened()
  const images = [await addNoise(small), await addNoise({ width: 64, height: 64 }), await addNoise(small)]
  rmSync(project.images.find(images[2] as number)?.path as string)
  const { id } = await addCheckpoint('rank', 1)
  const request = { checkpoint: id, ids: images }
  const kinds: string[] = []
  for await (const event of rankByUncertainty(project, predictions, request, new AbortController().signal)) {
    kinds.push(event.kind)
    if (event.kind !== 'done') continue
    expect(event.failed).toHaveLength(1)
    const means = new Map<number, number>()
    for (const image of images.slice(0, 2)) {
      const { uncertainty } = await tileOf(await ask(image, { column: 0, row: 0 }, id))
      means.set(image, uncertainty.reduce((sum, each) => sum + each, 0) / uncertainty.length / 255)
    }
    const expected = [...means].sort((one, other) => other[1] - one[1])
    expect(event.images.map(({ image, uncertainty }) => [image, uncertainty])).toEqual(expected)
  }
  expect(kinds).toEqual(['progress', 'progress', 'progress', 'done'])
})

test('what is not there is refused', async () => {
  const smallImage = await addNoise(small)
  const { id } = await addCheckpoint('bounds', 1)
  const codeOf = async (response: Response) => ((await response.json()) as Problem).code
  expect(await codeOf(await ask(smallImage, { column: 9, row: 0 }, id))).toBe('request-malformed')
  expect(await codeOf(await ask(9999, { column: 0, row: 0 }, id))).toBe('image-unknown')
  expect(await codeOf(await ask(smallImage, { column: 0, row: 0 }, '/etc/passwd'))).toBe(
    'checkpoint-not-found',
  )
})

function predictionProcesses(): number[] {
  return childProcesses('prediction-process')
}
