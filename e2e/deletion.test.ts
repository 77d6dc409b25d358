import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { openImage } from '../src/main/imaging/open-image.ts'
import { fingerprintImage } from '../src/main/services/content-fingerprint.ts'
import { createProject } from '../src/main/services/project.ts'
import { addFinishedExperiment } from '../test/main/finished-experiment.ts'
import { startApplication } from './application.ts'
import { startBrowser } from './browser.ts'
import { writeImages } from './project.ts'
import { violations } from './violations.ts'

let page: Page
const objections: string[] = []

/** A project with one training that has finished is open on the Train page. */
beforeAll(async () => {
  const prepare = async (folder: string): Promise<string> => {
    const project = await createProject(join(folder, 'project'), { door: 'browser server', name: 'Plates' })
    const plates = join(folder, 'home', 'plates')
    await writeImages(plates, 1)
    const path = join(plates, 'plate_1.png')
    const source = await openImage(path)
    const { width, height, channels, pages, sampleType } = source.info
    await source.close()
    const fingerprint = await fingerprintImage(path)
    project.images.save({ path, fingerprint, width, height, channels, pages, sampleType })
    await addFinishedExperiment(project)
    project.close()
    return project.folder
  }
  const [{ openContext, stop }, application] = await Promise.all([
    startBrowser(),
    startApplication({ prepare }),
  ])
  page = await (await openContext()).newPage()
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') objections.push(message.text())
  })
  page.on('pageerror', (error) => objections.push(error.message))
  await page.goto(application.address)
  await page.getByRole('link', { name: 'Train', exact: true }).click()
  return async () => {
    await stop()
    await application.stop()
  }
})

/** The tabs that tell how many there are of each. */
async function expectCounts(counts: {
  experiments: number
  checkpoints: number
  deleted: number
}): Promise<void> {
  await expect
    .poll(() =>
      page.getByRole('tablist', { name: 'What trainings have left' }).getByRole('tab').allInnerTexts(),
    )
    .toEqual([
      `Experiments (${counts.experiments})`,
      `Checkpoints (${counts.checkpoints})`,
      ...(counts.deleted === 0 ? [] : [`Deleted (${counts.deleted})`]),
    ])
}

test('a clean-up deletes the last checkpoint, which one click brings back', async () => {
  await expectCounts({ experiments: 1, checkpoints: 2, deleted: 0 })
  await page.getByRole('tab', { name: 'Checkpoints (2)' }).click()
  await page.getByRole('button', { name: 'Clean up…' }).click()
  const files = page.getByRole('list', { name: 'Files that can go' })
  await expect
    .poll(() => files.getByRole('listitem').allInnerTexts())
    .toEqual([
      expect.stringMatching(
        /^Saved state of .*\s+5\.0 MB\s+The training has finished: .*nothing to resume\. This cannot be brought back\.$/,
      ),
      expect.stringMatching(/^Last of .*\s+[\d.]+ MB\s+The best of the same training stays\.$/),
    ])
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: /^Delete 2 files/ }).click()
  await page.getByText('5.0 MB freed. 1 checkpoint deleted.').waitFor()
  await expectCounts({ experiments: 1, checkpoints: 1, deleted: 1 })
  await page.getByRole('button', { name: 'Undo' }).click()
  await expectCounts({ experiments: 1, checkpoints: 2, deleted: 0 })
})

test('a checkpoint is deleted, and brought back from the list of what is deleted', async () => {
  const last = page.getByRole('row', { name: /^Star Last of/ })
  await last.getByRole('button', { name: /^More for/ }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await expectCounts({ experiments: 1, checkpoints: 1, deleted: 1 })
  await page.getByRole('tab', { name: 'Deleted (1)' }).click()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: /^Bring back: Last of / }).click()
  await expectCounts({ experiments: 1, checkpoints: 2, deleted: 0 })
})

test('an experiment is deleted with its checkpoints and curves, and one key brings all back', async () => {
  await page.getByRole('tab', { name: 'Experiments (1)' }).click()
  await page.getByRole('img', { name: /^Loss: training/ }).waitFor()
  await page.getByRole('button', { name: /^More for the experiment of/ }).click()
  await page.getByRole('menuitem', { name: 'Delete, with its checkpoints' }).click()
  await expectCounts({ experiments: 0, checkpoints: 0, deleted: 1 })
  await page.keyboard.press('Control+z')
  await expectCounts({ experiments: 1, checkpoints: 2, deleted: 0 })
  await page.getByRole('row', { name: /finished/ }).waitFor()
  await page.getByRole('img', { name: /^Loss: training/ }).waitFor()
  expect(objections).toEqual([])
})
