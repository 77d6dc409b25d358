import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { openImage } from '../src/main/imaging/open-image.ts'
import { importCheckpoint } from '../src/main/services/checkpoint-files.ts'
import { fingerprintImage } from '../src/main/services/content-fingerprint.ts'
import { createProject } from '../src/main/services/project.ts'
import { ProjectClasses } from '../src/main/services/project-classes.ts'
import { readCheckpoint, writeCheckpoint } from '../src/model/weights/checkpoint.ts'
import { labelTilesAddress, predictionTileAddress } from '../src/preload/contract/addresses.ts'
import { decodeLabelTiles, LABEL_TILE_SIZE } from '../src/preload/contract/label-tiles.ts'
import { decodePredictionTile, type PredictionTile } from '../src/preload/contract/prediction-tiles.ts'
import { smallNetwork, writeRandomCheckpoint } from '../test/endurance/random-checkpoint.ts'
import { type RunningApplication, startApplication } from './application.ts'
import { startBrowser } from './browser.ts'
import { writeImages } from './project.ts'

const UNLABELLED = 255
const plane = { image: 1, page: 0 }

let application: RunningApplication
let page: Page
const objections: string[] = []

beforeAll(async () => {
  const [started, served] = await Promise.all([startBrowser(), startApplication({ prepare: writeProject })])
  application = served
  page = await (await started.openContext()).newPage()
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') objections.push(message.text())
  })
  page.on('pageerror', (error) => objections.push(error.message))
  return async () => {
    await started.stop()
    await served.stop()
  }
})

/** A project with two images, the classes of a network that nobody trained, and that network's checkpoint. */
async function writeProject(folder: string): Promise<string> {
  await writeImages(join(folder, 'plates'), 2)
  const file = join(folder, 'untrained.safetensors')
  await writeRandomCheckpoint(file, smallNetwork)
  const { header, weights } = await readCheckpoint(file)
  const head = weights.get('head.kernel')?.data as Float32Array
  head.forEach((value, index) => (head[index] = 30 * value))
  await writeCheckpoint(file, header, weights)
  const project = await createProject(join(folder, 'project'), { door: 'browser server', name: 'Plates' })
  for (const name of ['plate_1.png', 'plate_2.png']) {
    const path = join(folder, 'plates', name)
    const source = await openImage(path)
    const { width, height, channels, pages, sampleType } = source.info
    await source.close()
    const fingerprint = await fingerprintImage(path)
    project.images.save({ path, fingerprint, width, height, channels, pages, sampleType })
  }
  const classes = new ProjectClasses(project)
  for (const name of header.plan.classNames.slice(1)) classes.add(name)
  await importCheckpoint(project, file)
  project.close()
  return project.folder
}

async function fetchBytes(address: string): Promise<Uint8Array<ArrayBuffer>> {
  const numbers = await page.evaluate(async (from) => {
    const response = await fetch(from)
    return [...new Uint8Array(await response.arrayBuffer())]
  }, address)
  return Uint8Array.from(numbers)
}

async function predicted(): Promise<PredictionTile> {
  return decodePredictionTile(
    await fetchBytes(predictionTileAddress(plane, { column: 0, row: 0 }, 'untrained')),
  )
}

/** `[height, width]`, as the prediction is laid out. */
async function labelled({ width, height }: PredictionTile): Promise<Uint8Array> {
  await page.getByText('All saved').waitFor()
  const { tiles } = decodeLabelTiles(await fetchBytes(labelTilesAddress(plane, 0)))
  const labels = new Uint8Array(width * height).fill(UNLABELLED)
  for (let row = 0; row < height; row++) {
    const start = row * LABEL_TILE_SIZE
    const line = tiles[0]?.values.subarray(start, start + width)
    if (line !== undefined) labels.set(line, row * width)
  }
  return labels
}

test('a key shows what the newest checkpoint predicts; a click takes a region of it into the labels', async () => {
  await page.goto(application.address)
  await page.getByText('Plates').first().waitFor()
  await page.keyboard.press('Alt+2')
  const canvas = page.getByRole('application', { name: 'Image' })
  await canvas.focus()
  await page.getByLabel('Checkpoint').waitFor()
  await page.keyboard.press('q')
  await page.getByText('Dotted: predicted, not labelled.').waitFor()
  const prediction = await predicted()
  expect(new Set(prediction.values).size).toBeGreaterThan(1)

  await page.getByRole('button', { name: 'Accept by click' }).click()
  const box = await canvas.boundingBox()
  if (box === null) throw new Error('The image is not shown.')
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
  const middle = Math.floor(prediction.height / 2) * prediction.width + Math.floor(prediction.width / 2)
  await expect.poll(async () => (await labelled(prediction))[middle]).toBe(prediction.values[middle])
  const labels = await labelled(prediction)
  // Nothing but that class, and only where it is predicted.
  labels.forEach((label, at) => {
    if (label !== UNLABELLED) expect(label).toBe(prediction.values[at])
  })
  expect(new Set(labels)).toEqual(new Set([UNLABELLED, prediction.values[middle]]))
})

test('all in view is taken by a key as one change, which one undo takes back', async () => {
  const prediction = await predicted()
  const before = await labelled(prediction)
  await page.getByRole('application', { name: 'Image' }).focus()
  await page.keyboard.press('Shift+T')
  await expect.poll(async () => Buffer.from(await labelled(prediction)).equals(prediction.values)).toBe(true)
  await page.keyboard.press('Control+z')
  await expect.poll(async () => Buffer.from(await labelled(prediction)).equals(before)).toBe(true)
})

test('a brush leaves what is predicted where it passes, the background too, as one change', async () => {
  const prediction = await predicted()
  const before = await labelled(prediction)
  await page.getByRole('application', { name: 'Image' }).focus()
  await page.keyboard.press('Shift+B')
  await page.getByRole('button', { name: 'Accept by brush', pressed: true }).waitFor()
  const box = await page.getByRole('application', { name: 'Image' }).boundingBox()
  if (box === null) throw new Error('The image is not shown.')
  const zoom = 0.98 * Math.min(box.width / prediction.width, box.height / prediction.height)
  const y = box.y + box.height / 2
  await page.mouse.move(box.x + box.width / 2 - 30 * zoom, y)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2 + 30 * zoom, y, { steps: 8 })
  await page.mouse.up()
  const line = Math.floor(prediction.height / 2) * prediction.width
  const middle = (labels: Uint8Array): Uint8Array => labels.subarray(line + 20, line + prediction.width - 20)
  await expect
    .poll(async () => Buffer.from(middle(await labelled(prediction))).equals(middle(prediction.values)))
    .toBe(true)
  const after = await labelled(prediction)
  // Nothing but what is predicted, and nothing where the brush did not pass.
  after.forEach((label, at) => {
    if (label !== before[at]) expect(label).toBe(prediction.values[at])
  })
  expect(after[0]).toBe(before[0])
  await page.keyboard.press('Control+z')
  await expect.poll(async () => Buffer.from(await labelled(prediction)).equals(before)).toBe(true)
})

/** What the screen shows of the middle of a pixel of the fitted image: red, green, blue. */
async function colourAt(at: number, { width, height }: PredictionTile): Promise<number[]> {
  const box = await page.getByRole('application', { name: 'Image' }).boundingBox()
  if (box === null) throw new Error('The image is not shown.')
  const zoom = 0.98 * Math.min(box.width / width, box.height / height)
  const x = box.x + box.width / 2 + ((at % width) + 0.5 - width / 2) * zoom
  const y = box.y + box.height / 2 + (Math.floor(at / width) + 0.5 - height / 2) * zoom
  const picture = await page.screenshot({
    clip: { x: Math.floor(x), y: Math.floor(y), width: 1, height: 1 },
  })
  return [...(await sharp(picture).removeAlpha().raw().toBuffer())]
}

test('uncertainty is a layer of its own: with the classes or alone, as strong as it is set', async () => {
  const prediction = await predicted()
  const at = prediction.uncertainty.indexOf(Math.max(...prediction.uncertainty))
  await page.getByRole('application', { name: 'Image' }).focus()
  await page.keyboard.press('v')
  await page.keyboard.press('Shift+Q')
  await page.getByText('unsure: label there').waitFor()
  await page.getByRole('button', { name: 'Hide the predicted classes', pressed: true }).waitFor()
  await page.getByRole('button', { name: 'Accept all in view' }).waitFor()

  await page.keyboard.press('q')
  await page.getByRole('button', { name: 'Show the predicted classes' }).waitFor()
  // Nothing is accepted that is not seen.
  await expect.poll(() => page.getByRole('button', { name: 'Accept all in view' }).count()).toBe(0)
  await page.keyboard.press('Shift+Q')
  const plain = await colourAt(at, prediction)
  // As docs/predicting.md has it: from yellow to magenta, which is reached at an uncertainty of a half.
  const strength = Math.min(1, (prediction.uncertainty[at] as number) / 255 / 0.5)
  const [yellow, magenta]: [number[], number[]] = [
    [255, 217, 26],
    [230, 26, 153],
  ]
  const over = (alpha: number): number[] =>
    plain.map((value, channel) => {
      const [low, high] = [yellow[channel] as number, magenta[channel] as number]
      return value * (1 - alpha) + (low + (high - low) * strength) * alpha
    })
  const differences = async (opacity: number): Promise<number> => {
    const expected = over(opacity * strength)
    const seen = await colourAt(at, prediction)
    return Math.max(...seen.map((value, channel) => Math.abs(value - (expected[channel] as number))))
  }
  await page.keyboard.press('Shift+Q')
  await expect.poll(() => differences(0.7)).toBeLessThan(4)
  await page.getByRole('slider', { name: 'Opacity of the uncertainty' }).focus()
  await page.keyboard.press('Home')
  await expect.poll(() => differences(0.05)).toBeLessThan(4)

  await page.getByRole('application', { name: 'Image' }).focus()
  await page.keyboard.press('Shift+Q')
  await page.getByRole('button', { name: 'Show the uncertainty' }).waitFor()
  await expect.poll(() => colourAt(at, prediction)).toEqual(plain)
})

test('the next image is one that has no labels', async () => {
  await page.getByRole('button', { name: 'Label next: the least sure' }).click()
  await page.getByText('2 of 2', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Label next: the least sure' }).waitFor()
  expect(objections).toEqual([])
})
