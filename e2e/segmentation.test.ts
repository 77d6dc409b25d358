import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { openImage } from '../src/main/imaging/open-image.ts'
import { TiffWriter } from '../src/main/imaging/tiff-writer.ts'
import { importCheckpoint } from '../src/main/services/checkpoint-files.ts'
import { fingerprintImage } from '../src/main/services/content-fingerprint.ts'
import { readPlaneLabels } from '../src/main/services/plane-labels.ts'
import { ProjectClasses } from '../src/main/services/project-classes.ts'
import { createProject, openProjectReadOnly } from '../src/main/services/project.ts'
import { smallNetwork, writeRandomCheckpoint } from '../test/endurance/random-checkpoint.ts'
import { type RunningApplication, startApplication } from './application.ts'
import { startBrowser } from './browser.ts'
import { writeImages } from './project.ts'

/** Jobs compute at a lower priority than what else the machine does: other tests come first. */
const jobTimeout = 140_000
const IMAGES = 3

let application: RunningApplication
let page: Page
let axe: string
/** Of the results. */
let folder: string
const objections: string[] = []

beforeAll(async () => {
  const [started, served] = await Promise.all([startBrowser(), startApplication({ prepare: writeProject })])
  application = served
  folder = join(application.folder, 'project', 'results', 'untrained')
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
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

/** A project of three images with a class, and the checkpoint of a network that learnt nothing. */
async function writeProject(base: string): Promise<string> {
  const plates = join(base, 'home', 'plates')
  await writeImages(plates, IMAGES)
  const project = await createProject(join(base, 'project'), { door: 'browser server', name: 'Plates' })
  for (let number = 1; number <= IMAGES; number++) {
    const path = join(plates, `plate_${number}.png`)
    const source = await openImage(path)
    const { width, height, channels, pages, sampleType } = source.info
    await source.close()
    const fingerprint = await fingerprintImage(path)
    project.images.save({ path, fingerprint, width, height, channels, pages, sampleType })
  }
  new ProjectClasses(project).add('colony')
  const file = join(base, 'untrained.safetensors')
  await writeRandomCheckpoint(file, smallNetwork)
  await importCheckpoint(project, file)
  project.close()
  return project.folder
}

/** Puts what a good network would have found into a result's place: the spot of `writeImages`, and one at the edge. */
async function improve(number: number, isObject?: (x: number, y: number) => boolean): Promise<void> {
  const [width, height] = [96 + number, 61]
  const values = Uint8Array.from({ length: width * height }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)]
    if (isObject !== undefined) return isObject(x, y) ? 1 : 0
    const isSpot = Math.hypot(x - 19 - number, y - 30) < 8
    const isAtEdge = x >= width - 3 && y < 4
    return isSpot || isAtEdge ? 1 : 0
  })
  const writer = await TiffWriter.create(join(folder, `plate_${number}.tif`), {
    width,
    height,
    sampleType: 'uint8',
    channels: 1,
    frames: 1,
    pixelSize: undefined,
    displayRange: [0, 255],
  })
  await writer.writeRows(values)
  await writer.finish()
}

/** What axe finds wrong with the page as it is, dark and light. */
async function violations(): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.evaluate(axe)
    found.push(
      ...(await page.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: {
            run: (where: unknown) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
          }
        }
        const results = await axe.run(globalThis.document)
        return results.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
      })),
    )
  }
  return found
}

test('a project is segmented with two clicks; a file in the way is asked about, then replaced', async () => {
  await page.goto(application.address)
  await page.getByRole('link', { name: 'Segment' }).click()
  await expect.poll(() => page.getByRole('radio', { name: /untrained/ }).isChecked()).toBe(true)
  await expect.poll(() => page.getByLabel('Folder of the results').inputValue()).toBe(folder)
  await page.locator('summary', { hasText: 'For other programs' }).press('Enter')
  await page.getByRole('checkbox', { name: /^GeoJSON/ }).press('Space')
  expect(await violations()).toEqual([])

  await page.getByRole('button', { name: 'Segment', exact: true }).click()
  await page.getByRole('heading', { name: `${IMAGES} images segmented` }).waitFor({ timeout: jobTimeout })
  for (const name of ['plate_1.tif', 'overlays/plate_1.png', 'measurements.csv', 'geojson/plate_1.geojson']) {
    expect(existsSync(join(folder, name)), name).toBe(true)
  }

  writeFileSync(join(folder, 'plate_2.tif'), 'mine')
  await page.getByRole('button', { name: 'Segment', exact: true }).click()
  await page.getByText('1 file failed').waitFor({ timeout: jobTimeout })
  await page.getByText('2 images were done before, and skipped.').waitFor()
  expect(readFileSync(join(folder, 'plate_2.tif'), 'utf8')).toBe('mine')
  expect(await violations()).toEqual([])
  await page.getByRole('button', { name: 'Replace these files' }).click()
  await page.getByRole('heading', { name: `${IMAGES} images segmented` }).waitFor({ timeout: jobTimeout })
  expect(readFileSync(join(folder, 'plate_2.tif')).length).toBeGreaterThan(100)
})

test('a result is seen over its image; a row leads to its object and a click on the object to its row', async () => {
  for (let number = 1; number < IMAGES; number++) await improve(number)
  await improve(IMAGES, (x, y) => Math.hypot(x - 30, y - 30) < 12 || Math.hypot(x - 51, y - 30) < 12)
  await page.getByRole('button', { name: 'Review' }).click()
  const rows = page.getByRole('grid', { name: 'Objects' }).getByRole('row')
  await page.getByText('2 objects', { exact: true }).waitFor()
  await expect.poll(() => rows.nth(1).innerText()).toMatch(/colony.*edge/s)
  expect(await violations()).toEqual([])

  const canvas = page.getByRole('application', { name: 'Image' })
  const box = await canvas.boundingBox()
  if (box === null) throw new Error('The image is not shown.')
  // Fitted, with some air: the spot's middle is at (20, 30) of 97 x 61 pixels.
  const zoom = 0.98 * Math.min(box.width / 97, box.height / 61)
  const at = { x: box.width / 2 + (20.5 - 97 / 2) * zoom, y: box.height / 2 + (30.5 - 61 / 2) * zoom }
  await canvas.click({ position: at })
  await expect.poll(() => rows.nth(2).getAttribute('aria-selected')).toBe('true')

  await page.getByRole('grid', { name: 'Objects' }).focus()
  await page.keyboard.press('Home')
  await expect.poll(() => rows.nth(1).getAttribute('aria-selected')).toBe('true')
  // The object that a row stands for is gone to: its frame lies in the middle of the view, also where it was out of sight.
  await canvas.focus()
  for (let times = 0; times < 6; times++) await page.keyboard.press('+')
  await page.getByRole('grid', { name: 'Objects' }).focus()
  for (const key of ['ArrowDown', 'ArrowUp']) {
    await page.keyboard.press(key)
    await expect
      .poll(async () => {
        const frame = await page.locator('.review-canvas .chosen').boundingBox()
        const view = await canvas.boundingBox()
        if (frame === null || view === null) return Infinity
        return Math.hypot(
          frame.x + frame.width / 2 - view.x - view.width / 2,
          frame.y + frame.height / 2 - view.y - view.height / 2,
        )
      })
      .toBeLessThan(3)
  }
  await page.keyboard.press('Control+0')

  await page.getByRole('columnheader', { name: /Area/ }).getByRole('button').click()
  await page.getByRole('columnheader', { name: /Area/ }).getByRole('button').click()
  await expect.poll(() => rows.nth(1).innerText()).toMatch(/^2\s/)

  await page.getByRole('switch', { name: 'Without those at the edge' }).click()
  await page.getByText('1 of 2 objects').waitFor()
  await page.getByRole('tab', { name: 'Plots' }).click()
  // The images say that a pixel is a millimetre wide.
  await page.getByRole('img', { name: 'Area (µm²) of 1 object, from 193,000,000 to 193,000,000' }).waitFor()
  await page.getByLabel('Lengths in').selectOption({ label: 'Pixels' })
  await page.getByRole('img', { name: 'Area (px²) of 1 object, from 193 to 193' }).waitFor()
  expect(await violations()).toEqual([])
})

test('the swipe moves by keys; verdicts are given by keys and lead on to the next unseen image', async () => {
  const swipe = page.getByRole('slider', { name: 'Swipe between result and image' })
  await swipe.focus()
  await page.keyboard.press('Home')
  await expect.poll(() => swipe.getAttribute('aria-valuetext')).toBe('the image alone')
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => swipe.getAttribute('aria-valuenow')).toBe('5')
  await page.getByRole('application', { name: 'Image' }).focus()
  await page.keyboard.press('y')
  await page.getByRole('option', { name: /plate_1.*accepted/ }).waitFor()
  await page.getByRole('option', { name: /plate_2.*unseen/, selected: true }).waitFor()
  // Keys are about the image that is seen, not about the one that is coming.
  await page.getByRole('toolbar', { name: 'Verdict' }).waitFor()
  await page.keyboard.press('n')
  await page.getByRole('option', { name: /plate_2.*rejected/ }).waitFor()
  await page.getByLabel('Show', { exact: true }).selectOption({ label: 'Rejected' })
  await expect
    .poll(() => page.getByRole('listbox', { name: 'Segmented images' }).getByRole('option').count())
    .toBe(1)
  await page.getByLabel('Show', { exact: true }).selectOption({ label: 'All images' })
})

test('the grid shows every result over its image; keys judge one, or all that are selected', async () => {
  await page.getByRole('application', { name: 'Image' }).focus()
  await page.keyboard.press('o')
  const grid = page.getByRole('listbox', { name: 'Segmented images' })
  await expect.poll(() => grid.getByRole('option').count()).toBe(IMAGES)
  // Images and results, loaded and of one shape.
  await expect.poll(() => grid.locator('img.shown').count()).toBe(2 * IMAGES)
  const sizes = await grid
    .locator('img')
    .evaluateAll((pictures: HTMLImageElement[]) =>
      pictures.map(({ naturalWidth, naturalHeight }) => `${naturalWidth} x ${naturalHeight}`),
    )
  expect(sizes).toEqual(['97 x 61', '97 x 61', '98 x 61', '98 x 61', '99 x 61', '99 x 61'])
  expect(await violations()).toEqual([])

  await page.keyboard.press('End')
  await grid.getByRole('option', { name: /plate_3.*unseen/, selected: true }).waitFor()
  await page.keyboard.press('y')
  await grid.getByRole('option', { name: /plate_3.*accepted/ }).waitFor()
  // Those of one verdict leave a list of another.
  await page.getByLabel('Show', { exact: true }).selectOption({ label: 'Accepted (2)' })
  await expect.poll(() => grid.getByRole('option').count()).toBe(2)
  await grid.focus()
  await page.keyboard.press('Control+a')
  await page.getByText('2 images selected').waitFor()
  await page.keyboard.press('n')
  await page.getByRole('heading', { name: 'No image is like that' }).waitFor()
  await page.getByRole('button', { name: 'Show all images' }).click()
  await page.getByLabel('Show', { exact: true }).selectOption({ label: 'Rejected (3)' })
  await grid.focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('n')
  await page.getByLabel('Show', { exact: true }).selectOption({ label: `All images (${IMAGES})` })
  await expect.poll(() => grid.getByRole('option', { name: /unseen/ }).count()).toBe(IMAGES)

  await grid.focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await page
    .getByRole('navigation', { name: 'Images of the result' })
    .getByRole('option', { name: /plate_2/, selected: true })
    .waitFor()
})

test('the objects of all images are saved as tables', async () => {
  await page.getByRole('button', { name: 'Tables of all images…' }).click()
  expect(await violations()).toEqual([])
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  // One object a plate without that at the edge, which the filter leaves out; the two discs of the last touch.
  await page.getByText(/^3 objects of 3 images saved in/).waitFor()
  await page.getByRole('button', { name: 'Done' }).click()
  const rows = readFileSync(join(folder, 'objects.csv'), 'utf8').trim().split('\r\n')
  expect(rows.slice(1).map((row) => row.split(',')[0])).toEqual(['plate_1.png', 'plate_2.png', 'plate_3.png'])
  const summary = readFileSync(join(folder, 'summary.csv'), 'utf8')
  expect(summary).toContain('plate_1.png,1,unseen,1,193,')
})

test('correcting copies the result into the labels, with which it then agrees', async () => {
  await page.getByRole('option', { name: /plate_1/ }).click()
  await page.getByRole('button', { name: 'Correct' }).click()
  await page.getByRole('heading', { name: 'Label', level: 1 }).waitFor()
  await page.getByText('All saved').waitFor()
  const project = await openProjectReadOnly(join(application.folder, 'project'), { door: 'browser server' })
  const { values } = readPlaneLabels(project, { image: 1, page: 0 })
  project.close()
  expect(values.filter((value) => value === 1)).toHaveLength(193 + 12)
  expect(values.filter((value) => value === 255)).toHaveLength(0)

  await page.getByRole('link', { name: 'Review' }).click()
  await page.getByRole('tab', { name: 'Agreement' }).click()
  await page.getByRole('row', { name: /colony 1\.000 1\.000 1\.000/ }).waitFor()
  expect(await violations()).toEqual([])
})

test('objects that touch are split by a switch, seen as two in the table and told apart by a click', async () => {
  await page.getByRole('option', { name: /plate_3/ }).click()
  await page.getByRole('tab', { name: 'Objects' }).click()
  await page.getByText('1 object', { exact: true }).waitFor()
  await page.getByRole('switch', { name: 'Split objects of colony that touch' }).click()
  await page.getByText('2 objects', { exact: true }).waitFor()
  expect(await violations()).toEqual([])
  const canvas = page.getByRole('application', { name: 'Image' })
  const box = await canvas.boundingBox()
  if (box === null) throw new Error('The image is not shown.')
  const zoom = 0.98 * Math.min(box.width / 99, box.height / 61)
  await canvas.click({
    position: { x: box.width / 2 + (55.5 - 99 / 2) * zoom, y: box.height / 2 + (30.5 - 61 / 2) * zoom },
  })
  const rows = page.getByRole('grid', { name: 'Objects' }).getByRole('row')
  await expect.poll(() => rows.nth(2).getAttribute('aria-selected')).toBe('true')
  await page.getByRole('button', { name: 'Copy the object' }).click()
  await page.getByText('Copied into the labels').waitFor()
  const project = await openProjectReadOnly(join(application.folder, 'project'), { door: 'browser server' })
  const { values } = readPlaneLabels(project, { image: 3, page: 0 })
  project.close()
  expect(values[30 * 99 + 55]).toBe(1)
  expect(values[30 * 99 + 30]).toBe(255)
})

test('the browser objected to nothing', () => {
  expect(objections).toEqual([])
})
