import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { importCheckpoint } from '../../src/main/services/checkpoint-files.ts'
import { trueNetwork, writeRandomCheckpoint } from '../../test/endurance/random-checkpoint.ts'
import { openFirst, withPage } from './pages.ts'
import { startWithImages, writeNoise } from './projects.ts'

export const predictedSide = 1024
export const largePredictedSide = 4096

export interface PredictingSpeed {
  /** The whole of a small image, from the key to the picture: the first time after a start. */
  firstMilliseconds: number
  /** The same, of another image. */
  nextMilliseconds: number
  /** The view that was predicted before, asked for again. */
  againMilliseconds: number
  /** Of a large image at one to one: until the middle of the view is there, and until all of it is. */
  middleMilliseconds: number
  largeMilliseconds: number
}

/** The network that training makes, with random weights, on the Label page. */
export async function measurePredicting(browser: Browser): Promise<PredictingSpeed> {
  const application = await startWithImages(
    async (images) => {
      await writeNoise(join(images, 'a.tif'), predictedSide, 0)
      await writeNoise(join(images, 'b.tif'), predictedSide, 1)
      await writeNoise(join(images, 'c.tif'), largePredictedSide, 2)
    },
    async (project) => {
      const file = join(project.folder, '..', 'random.safetensors')
      await writeRandomCheckpoint(file, trueNetwork)
      await importCheckpoint(project, file)
    },
  )
  return await withPage(browser, application, async (page) => {
    await openFirst(page)
    await page.getByLabel('Checkpoint').waitFor()
    // As long as a person looks at an image before asking.
    await page.waitForTimeout(5000)
    const firstMilliseconds = await showPrediction(page)
    await hidePrediction(page)
    const againMilliseconds = await showPrediction(page)
    await hidePrediction(page)
    await nextImage(page, 2)
    const nextMilliseconds = await showPrediction(page)
    await hidePrediction(page)
    await nextImage(page, 3)
    await page.keyboard.press('Control+1')
    await page.waitForTimeout(1000)
    const middle = page.waitForResponse((response) => response.url().includes('/predictions/'))
    const started = performance.now()
    const large = showPrediction(page)
    await middle
    const middleMilliseconds = performance.now() - started
    const largeMilliseconds = await large
    return { firstMilliseconds, nextMilliseconds, againMilliseconds, middleMilliseconds, largeMilliseconds }
  })
}

async function showPrediction(page: Page): Promise<number> {
  const started = performance.now()
  await page.keyboard.press('q')
  await page.getByText('Dotted: predicted, not labelled.').waitFor()
  return performance.now() - started
}

async function hidePrediction(page: Page): Promise<void> {
  await page.keyboard.press('q')
  await page.getByRole('button', { name: 'Show the predicted classes' }).waitFor()
}

async function nextImage(page: Page, number: number): Promise<void> {
  await page.keyboard.press('d')
  await page.getByText(`${number} of 3`, { exact: true }).waitFor()
  await page.waitForTimeout(1000)
}
