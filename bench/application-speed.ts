import { link, mkdir, readdir } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { startApplication } from '../e2e/application.ts'
import { startBrowser } from '../e2e/browser.ts'
import { ImageWorkers } from '../src/main/compute/image-workers.ts'
import { addImages } from '../src/main/services/add-images.ts'
import { ProjectClasses } from '../src/main/services/project-classes.ts'
import { createProject } from '../src/main/services/project.ts'
import { RandomGenerator } from '../src/model/random.ts'
import { writeUncompressedTiff } from './uncompressed-tiff.ts'

export const paintedSide = 4096
export const browsedImages = 1000
export const browsedSide = 2048
export const openedImages = 10_000

/** As the page writes numbers. */
const count = new Intl.NumberFormat('en')

export interface ApplicationSpeed {
  /** Median, from a pointer's event to the end of the frame that shows it, drawn. */
  strokeToScreenMilliseconds: number
  /** Second time: from the click on a recent project to a grid with its pictures. */
  openMilliseconds: number
  /** Of the page's process after browsing, in MB; undefined where the system does not tell (not Linux). */
  rendererMegabytes: number | undefined
}

/** The application in a headless browser with software graphics, through the browser door. It must be built. */
export async function measureApplication(): Promise<ApplicationSpeed> {
  const { browser, stop } = await startBrowser()
  try {
    return {
      strokeToScreenMilliseconds: await measureStroke(browser),
      openMilliseconds: await measureOpening(browser),
      rendererMegabytes: await measureMemory(browser),
    }
  } finally {
    await stop()
  }
}

async function measureStroke(browser: Browser): Promise<number> {
  const application = await startApplication({
    prepare: async (folder) => {
      const images = join(folder, 'home', 'images')
      await mkdir(images, { recursive: true })
      await writeNoise(join(images, 'a.tif'), paintedSide)
      return await makeProject(join(folder, 'home', 'project'), images)
    },
  })
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  try {
    await page.goto(application.address)
    await openFirst(page)
    const canvas = page.getByRole('application', { name: 'Image' })
    await canvas.focus()
    await page.keyboard.press('1')
    await page.keyboard.press('Control+0')
    await setBrush(page, 40)
    const box = await canvas.boundingBox()
    if (box === null) throw new Error('The image is not shown.')
    await page.evaluate(timeStrokes)
    for (let stroke = 0; stroke < 6; stroke++) {
      const y = box.y + box.height * (0.2 + 0.1 * stroke)
      await page.mouse.move(box.x + box.width * 0.25, y)
      await page.mouse.down()
      for (let step = 1; step <= 30; step++) {
        await page.mouse.move(box.x + box.width * (0.25 + step / 60), y + 8 * Math.sin(step))
      }
      await page.mouse.up()
    }
    await page.getByText('All saved').waitFor()
    const times = await page.evaluate(() => (globalThis as unknown as { strokeTimes: number[] }).strokeTimes)
    if (times.length < 100) throw new Error(`Only ${times.length} moves of the pointer arrived.`)
    return times.sort((one, other) => one - other)[times.length >> 1] as number
  } finally {
    await page.close()
    await application.stop()
  }
}

/** Runs in the page: notes for each move how long it took until the frame that followed was drawn. */
function timeStrokes(): void {
  const times: number[] = []
  Object.assign(globalThis, { strokeTimes: times })
  const canvas = document.querySelector('canvas')
  const context = canvas?.getContext('webgl2')
  window.addEventListener(
    'pointermove',
    (event) => {
      if (event.buttons === 0) return
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => {
          // Waits until the graphics are done.
          context?.readPixels(0, 0, 1, 1, context.RGBA, context.UNSIGNED_BYTE, new Uint8Array(4))
          times.push(performance.now() - event.timeStamp)
        }
        port2.postMessage(undefined)
      })
    },
    { capture: true },
  )
}

async function measureOpening(browser: Browser): Promise<number> {
  const application = await startApplication({
    prepare: async (folder) => {
      const images = join(folder, 'home', 'images')
      await mkdir(images, { recursive: true })
      await writeManyImages(images, openedImages, 64)
      return await makeProject(join(folder, 'home', 'project'), images)
    },
  })
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  try {
    await page.goto(application.address)
    await picturesShown(page)
    await page
      .getByRole('button', { name: /project/ })
      .first()
      .click()
    await page.getByRole('menuitem', { name: /Close/ }).click()
    const recent = page.getByRole('button', { name: /project/i }).filter({ hasText: 'bench' })
    await recent.first().waitFor()
    const started = performance.now()
    await recent.first().click()
    await picturesShown(page)
    return performance.now() - started
  } finally {
    await page.close()
    await application.stop()
  }
}

async function measureMemory(browser: Browser): Promise<number | undefined> {
  const application = await startApplication({
    prepare: async (folder) => {
      const images = join(folder, 'home', 'images')
      await mkdir(images, { recursive: true })
      await writeManyImages(images, browsedImages, browsedSide)
      return await makeProject(join(folder, 'home', 'project'), images)
    },
  })
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  try {
    await page.goto(application.address)
    await openFirst(page)
    await page.getByRole('application', { name: 'Image' }).focus()
    for (let image = 2; image <= browsedImages; image++) {
      const pixels = page.waitForResponse((response) => response.url().includes('/pixels/'))
      await page.keyboard.press('d')
      await page
        .getByText(`${count.format(image)} of ${count.format(browsedImages)}`, { exact: true })
        .waitFor()
      await pixels
    }
    return await rendererMegabytes(browser)
  } finally {
    await page.close()
    await application.stop()
  }
}

/** The largest of the browser's page processes. */
async function rendererMegabytes(browser: Browser): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]))
  return (Math.max(...sizes) * 1024) / 1e6
}

async function openFirst(page: Page): Promise<void> {
  await page.getByRole('listbox', { name: 'Images' }).focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await page.getByRole('application', { name: 'Image' }).waitFor()
}

async function setBrush(page: Page, pixels: number): Promise<void> {
  for (let presses = 0; presses < 100; presses++) {
    const size = Number(/(\d+) px/.exec(await page.getByRole('toolbar').first().innerText())?.[1])
    if (size === pixels) return
    await page.keyboard.press(size < pixels ? ']' : '[')
    if (size > pixels && presses > 40) return
  }
}

/** All thumbnails in view have their pictures. */
async function picturesShown(page: Page): Promise<void> {
  const pictures = page.getByRole('listbox', { name: 'Images' }).locator('img')
  await pictures.first().waitFor()
  while (
    !(await pictures.evaluateAll(
      (images) => images.length > 8 && images.every((image) => (image as HTMLImageElement).naturalWidth > 0),
    ))
  ) {
    await page.waitForTimeout(10)
  }
}

async function makeProject(folder: string, images: string): Promise<string> {
  const project = await createProject(folder, { door: 'browser server', name: 'bench project' })
  new ProjectClasses(project).add('colony')
  const workers = new ImageWorkers()
  for await (const _ of addImages(project, workers, { paths: [images], subfolders: false }));
  await workers.close()
  project.close()
  return folder
}

/** Ten different pictures; the others are further names of theirs, so that the disk need not hold them all. */
async function writeManyImages(folder: string, count: number, side: number): Promise<void> {
  const different = Math.min(count, 10)
  for (let image = 0; image < different; image++) {
    await writeNoise(join(folder, nameOf(image)), side, image)
  }
  const written = await readdir(folder)
  for (let image = different; image < count; image++) {
    await link(join(folder, written[image % different] as string), join(folder, nameOf(image)))
  }
}

function nameOf(image: number): string {
  return `field_${String(image).padStart(5, '0')}.tif`
}

async function writeNoise(path: string, side: number, seed = 0): Promise<void> {
  const random = new RandomGenerator(seed)
  const samples = new Uint16Array(side * side)
  for (let at = 0; at < samples.length; at++) samples[at] = 500 + 3000 * random.next()
  await writeUncompressedTiff(path, side, side, samples)
}
