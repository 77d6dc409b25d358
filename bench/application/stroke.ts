import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { readPlaneLabels } from '../../src/main/services/plane-labels.ts'
import { openProjectReadOnly } from '../../src/main/services/project.ts'
import { fit, type Point, screenToImage } from '../../src/renderer/viewer/camera.ts'
import { framesWhile } from './frames.ts'
import { median, openFirst, withPage } from './pages.ts'
import { startWithImages, writeNoise } from './projects.ts'

export const paintedSide = 4096
const brushSize = 40
const movesOfStroke = 30
/** Of a frame that a person notices, in milliseconds. */
const longFrame = 50

export interface StrokeSpeed {
  /** Median, from a pointer's event to the end of the frame that shows it, drawn. */
  toScreenMilliseconds: number
  /** Places that the pointer was sent to, pressed, and that are not labelled in the end. */
  dropped: number
  /** Frames of more than 50 ms from a stroke's end until it is on disk. */
  longFramesWhileSaving: number
}

export async function measureStroke(browser: Browser): Promise<StrokeSpeed> {
  const application = await startWithImages((folder) => writeNoise(join(folder, 'a.tif'), paintedSide))
  return await withPage(browser, application, async (page) => {
    await openFirst(page)
    const { times, places, saving } = await paintStrokes(page, paintedSide, 6)
    const project = await openProjectReadOnly(join(application.folder, 'home', 'project'), {
      door: 'command line',
    })
    const labels = readPlaneLabels(project, { image: 1, page: 0 }).values
    project.close()
    return {
      toScreenMilliseconds: median(times),
      dropped: places.filter(({ x, y }) => labels[Math.floor(y) * paintedSide + Math.floor(x)] !== 1).length,
      longFramesWhileSaving: saving.filter((milliseconds) => milliseconds > longFrame).length,
    }
  })
}

/**
 * Paints wavy strokes over the fitted image of the Label page.
 * @param side of the image
 * @returns how long each move took to be seen, the places of the image that the pointer was sent to, and the frames while saving
 */
export async function paintStrokes(
  page: Page,
  side: number,
  strokes: number,
): Promise<{ times: number[]; places: Point[]; saving: number[] }> {
  const canvas = page.getByRole('application', { name: 'Image' })
  await canvas.focus()
  await page.keyboard.press('1')
  await page.keyboard.press('Control+0')
  await setBrush(page, brushSize)
  const { left, top, width, height, pixelRatio } = await canvas.evaluate((host) => {
    const box = host.getBoundingClientRect()
    return {
      ...{ left: box.left + host.clientLeft, top: box.top + host.clientTop },
      ...{ width: host.clientWidth, height: host.clientHeight, pixelRatio: devicePixelRatio },
    }
  })
  const camera = fit({ width: side, height: side }, { width, height, pixelRatio })
  const places: Point[] = []
  const saving: number[] = []
  await page.evaluate(timeStrokes)
  for (let stroke = 0; stroke < strokes; stroke++) {
    const y = height * (0.2 + 0.1 * (stroke % 6))
    await page.mouse.move(left + width * 0.25, top + y)
    await page.mouse.down()
    for (let step = 1; step <= movesOfStroke; step++) {
      const place = { x: Math.round(width * (0.25 + step / 60)), y: Math.round(y + 8 * Math.sin(step)) }
      await page.mouse.move(left + place.x, top + place.y)
      places.push(screenToImage(camera, place))
    }
    saving.push(
      ...(await framesWhile(page, async () => {
        await page.mouse.up()
        await page.getByText('All saved').waitFor()
      })),
    )
  }
  const times = await page.evaluate(() => (globalThis as unknown as { strokeTimes: number[] }).strokeTimes)
  if (times.length < (strokes * movesOfStroke) / 2) {
    throw new Error(`Only ${times.length} moves of the pointer arrived.`)
  }
  return { times, places, saving }
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

async function setBrush(page: Page, pixels: number): Promise<void> {
  for (let presses = 0; presses < 100; presses++) {
    const size = Number(/(\d+) px/.exec(await page.getByRole('toolbar').first().innerText())?.[1])
    if (size === pixels) return
    await page.keyboard.press(size < pixels ? ']' : '[')
    if (size > pixels && presses > 40) return
  }
}
