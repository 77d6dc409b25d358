import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { readPlaneLabels } from '../src/main/services/plane-labels.ts'
import { openProjectReadOnly } from '../src/main/services/project.ts'
import { UNLABELLED } from '../src/model/images/label-map.ts'
import { RandomGenerator } from '../src/model/random.ts'
import { fit, type Point, screenToImage } from '../src/renderer/viewer/camera.ts'
import { type RunningApplication, startApplication } from './application.ts'
import { startBrowser } from './browser.ts'

/** Odd, and with two and three tiles of labels a side. */
const width = 515
const height = 301

let page: Page
let application: RunningApplication
let project: string

/** What the image holds at a place: no two neighbours are equal. */
function valueAt(x: number, y: number): number {
  return 1000 + ((x * 37 + y * 101) % 5000)
}

beforeAll(async () => {
  const [browser, served] = await Promise.all([
    startBrowser(),
    startApplication({
      prepare: async (folder) => {
        const images = join(folder, 'home', 'images')
        await mkdir(images, { recursive: true })
        const samples = Uint16Array.from({ length: width * height }, (_, at) =>
          valueAt(at % width, Math.floor(at / width)),
        )
        const picture = sharp(samples, { raw: { width, height, channels: 1 } }).toColourspace('grey16')
        await writeFile(join(images, 'a.png'), await picture.png().toBuffer())
        return undefined
      },
    }),
  ])
  application = served
  page = await (await browser.openContext()).newPage()
  await page.goto(application.address)
  await page.getByRole('button', { name: 'New project' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('painting')
  const folder = page.getByRole('textbox', { name: 'Folder' })
  do project = await folder.inputValue()
  while (!project.endsWith('painting'))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Add your images' }).waitFor()
  await page.getByRole('button', { name: 'Add images' }).click()
  await page.getByRole('button', { name: 'Choose folder…' }).click()
  await page.getByRole('option', { name: 'images' }).click()
  await page.getByRole('button', { name: 'Choose “images”' }).click()
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByText('1 image added.').waitFor()
  await page.keyboard.press('Escape')
  const images = page.getByRole('listbox', { name: 'Images' })
  await images.getByRole('option').waitFor()
  await images.focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Add a class' }).click()
  await page.getByLabel('Name of the new class').fill('colony')
  await page.keyboard.press('Enter')
  await page.getByRole('application', { name: 'Image' }).focus()
  return async () => {
    await browser.stop()
    await served.stop()
  }
})

/** Where the pointer is, as the page tells it, once it shows the image's own value there and not a coarser level's. */
async function place(): Promise<{ x: number; y: number }> {
  const read = async (): Promise<{ x: number; y: number; value: number }> => {
    const found = /x (\d+) y (\d+)\s+value ([\d,]+)/.exec(await page.locator('.readout').innerText())
    if (found === null) throw new Error('The readout is empty.')
    const [, x, y, value] = found.map((text) => Number(text.replace(',', '')))
    return { x: x as number, y: y as number, value: value as number }
  }
  await expect
    .poll(async () => {
      const { x, y, value } = await read()
      return value - valueAt(x, y)
    })
    .toBe(0)
  const { x, y } = await read()
  return { x, y }
}

async function storedLabels(): Promise<Uint8Array> {
  await page.getByText('All saved').waitFor()
  const opened = await openProjectReadOnly(project, { door: 'command line' })
  try {
    return readPlaneLabels(opened, { image: 1, page: 0 }).values
  } finally {
    opened.close()
  }
}

/** Labelled places as 'x,y', sorted by row. */
function painted(labels: Uint8Array, value: number): string[] {
  return [...labels.entries()].flatMap(([at, label]) =>
    label === value ? [`${at % width},${Math.floor(at / width)}`] : [],
  )
}

async function setBrush(pixels: number): Promise<void> {
  const size = page.getByRole('slider', { name: 'Size' })
  await size.focus()
  await page.keyboard.press('Home')
  await page.getByRole('application', { name: 'Image' }).focus()
  for (let presses = 0; presses < 100; presses++) {
    const now = Number(/(\d+) px/.exec(await page.getByRole('toolbar').first().innerText())?.[1])
    if (now >= pixels) break
    await page.keyboard.press(']')
  }
}

/** Takes every stroke back. */
async function clear(): Promise<void> {
  while (await page.getByRole('button', { name: /^Undo/ }).isEnabled()) {
    await page.keyboard.press('Control+z')
    await page.waitForTimeout(30)
  }
  expect((await storedLabels()).every((label) => label === UNLABELLED)).toBe(true)
}

test.each([
  ['fitted', async () => page.keyboard.press('Control+0')],
  ['far in', async () => zoomIn(10)],
])('the smallest brush paints the pixel under the pointer, and no other: %s', async (_name, zoom) => {
  await setBrush(1)
  await zoom()
  const box = await page.getByRole('application', { name: 'Image' }).boundingBox()
  if (box === null) throw new Error('The image is not shown.')
  await page.mouse.move(box.x + 5, box.y + 5)
  const expected: string[] = []
  for (const [right, down] of [
    [0.3, 0.4],
    [0.5, 0.5],
    [0.71, 0.62],
  ] as const) {
    await page.mouse.move(box.x + box.width * right, box.y + box.height * down)
    const { x, y } = await place()
    await page.mouse.down()
    await page.mouse.up()
    expected.push(`${x},${y}`)
  }
  expect(painted(await storedLabels(), 1).sort()).toEqual(expected.sort())
  await clear()
})

async function zoomIn(notches: number): Promise<void> {
  const box = await page.getByRole('application', { name: 'Image' }).boundingBox()
  if (box === null) throw new Error('The image is not shown.')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  for (let notch = 0; notch < notches; notch++) await page.mouse.wheel(0, -120)
  await page.waitForTimeout(200)
}

test('a line across tiles has no gap, background is not "not labelled", and all of it is taken back and brought back', async () => {
  await page.keyboard.press('Control+0')
  await setBrush(1)
  const box = await page.getByRole('application', { name: 'Image' }).boundingBox()
  if (box === null) throw new Error('The image is not shown.')
  await page.keyboard.press('0')
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.5)
  const from = await place()
  await page.mouse.down()
  // Few events, far apart, as of a fast hand.
  await page.mouse.move(box.x + box.width * 0.85, box.y + box.height * 0.5, { steps: 3 })
  const to = await place()
  await page.mouse.up()
  await page.keyboard.press('1')
  expect(from.x).toBeLessThan(256)
  expect(to.x).toBeGreaterThan(256)
  const line = Array.from({ length: to.x - from.x + 1 }, (_, index) => `${from.x + index},${from.y}`)
  const labels = await storedLabels()
  expect(painted(labels, 0)).toEqual(line)
  await page.keyboard.press('Control+z')
  await page.getByRole('button', { name: /^Undo/ }).and(page.locator(':disabled')).waitFor()
  expect(painted(await storedLabels(), 0)).toEqual([])
  await page.reload()
  await page.getByRole('application', { name: 'Image' }).focus()
  await page.keyboard.press('Control+Shift+Z')
  await expect.poll(async () => painted(await storedLabels(), 0)).toEqual(line)
  await clear()
})

test('a brush paints the pixels whose centres lie under its circle, up to the odd edge of the image', async () => {
  await page.keyboard.press('Control+0')
  await setBrush(40)
  const box = await page.getByRole('application', { name: 'Image' }).boundingBox()
  if (box === null) throw new Error('The image is not shown.')
  for (const [right, down] of [
    [0.5, 0.5],
    [0.965, 0.6],
  ] as const) {
    await page.mouse.move(box.x + box.width * right, box.y + box.height * down)
    const { x, y } = await place()
    await page.mouse.down()
    await page.mouse.up()
    const labels = await storedLabels()
    const size = Number(/(\d+) px/.exec(await page.getByRole('toolbar').first().innerText())?.[1])
    let wrong = 0
    let seen = 0
    labels.forEach((label, at) => {
      const distance = Math.hypot((at % width) - x, Math.floor(at / width) - y)
      // The pointer lies somewhere in its pixel: up to half a diagonal from the middle.
      if (distance < size / 2 - 0.75 && label !== 1) wrong++
      if (distance > size / 2 + 0.75 && label !== UNLABELLED) wrong++
      if (label === 1) seen++
    })
    expect(wrong).toBe(0)
    expect(seen).toBeGreaterThan(size * size * 0.4)
    await clear()
  }
})

test('a hand that is faster than the page loses no place: what it passed is painted pixel for pixel, and nothing else', async () => {
  await page.keyboard.press('Control+0')
  await setBrush(7)
  const size = Number(/(\d+) px/.exec(await page.getByRole('toolbar').first().innerText())?.[1])
  const canvas = page.getByRole('application', { name: 'Image' })
  const view = await canvas.evaluate((host) => {
    const { left, top } = host.getBoundingClientRect()
    return {
      ...{ left: left + host.clientLeft, top: top + host.clientTop },
      ...{ width: host.clientWidth, height: host.clientHeight, pixelRatio: devicePixelRatio },
    }
  })
  const camera = fit({ width, height }, view)
  const random = new RandomGenerator(8)
  const places = Array.from({ length: 120 }, () => ({
    x: Math.round(random.uniform(0.1, 0.9) * view.width),
    y: Math.round(random.uniform(0.3, 0.7) * view.height),
  }))
  const [first, ...others] = places as [Point, ...Point[]]
  await page.mouse.move(view.left + first.x, view.top + first.y)
  await page.mouse.down()
  const input = await page.context().newCDPSession(page)
  // Busy for longer than the whole movement takes: the page gets it all at once.
  const busy = page.evaluate(() => {
    const end = performance.now() + 1000
    while (performance.now() < end);
  })
  await Promise.all(
    others.map(({ x, y }) =>
      input.send('Input.dispatchMouseEvent', {
        ...{ type: 'mouseMoved', button: 'left', buttons: 1 },
        ...{ x: view.left + x, y: view.top + y },
      }),
    ),
  )
  await busy
  await page.mouse.up()
  await input.detach()

  const way = places.map((place) => screenToImage(camera, place))
  const expected = new Uint8Array(width * height).fill(UNLABELLED)
  for (let index = 1; index < way.length; index++) {
    const [from, to] = [way[index - 1] as Point, way[index] as Point]
    expected.forEach((_, at) => {
      const centre = { x: (at % width) + 0.5, y: Math.floor(at / width) + 0.5 }
      if (distanceToLine(centre, from, to) <= size / 2) expected[at] = 1
    })
  }
  const labels = await storedLabels()
  expect(painted(labels, 1)).toEqual(painted(expected, 1))
  await clear()
})

function distanceToLine(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const along = ((point.x - from.x) * dx + (point.y - from.y) * dy) / (dx * dx + dy * dy || 1)
  const share = Math.min(1, Math.max(0, along))
  return Math.hypot(point.x - from.x - share * dx, point.y - from.y - share * dy)
}
