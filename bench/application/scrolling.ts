import type { Page } from 'playwright-core'
import { framesWhile } from './frames.ts'
import { median } from './pages.ts'

/** A notch of a wheel, and how many of them. */
const pixelsPerNotch = 100
const notches = 150

export interface ScrollingSpeed {
  /** Over the whole way; the screen shows 60 at most. */
  framesPerSecond: number
  medianMilliseconds: number
  /** One frame in twenty takes longer. */
  slowMilliseconds: number
}

/** Turns the wheel over the grid of images as fast as a hand does. */
export async function measureScrolling(page: Page): Promise<ScrollingSpeed> {
  const grid = await page.getByRole('listbox', { name: 'Images' }).boundingBox()
  if (grid === null) throw new Error('The grid is not shown.')
  await page.mouse.move(grid.x + grid.width / 2, grid.y + grid.height / 2)
  const frames = await framesWhile(page, async () => {
    for (let notch = 0; notch < notches; notch++) {
      await page.mouse.wheel(0, pixelsPerNotch)
      await page.waitForTimeout(15)
    }
  })
  const sorted = frames.toSorted((one, other) => one - other)
  return {
    framesPerSecond: (1000 * frames.length) / frames.reduce((sum, each) => sum + each, 0),
    medianMilliseconds: median(frames),
    slowMilliseconds: sorted[Math.floor(0.95 * sorted.length)] as number,
  }
}
