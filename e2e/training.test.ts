import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { writeLabelledImages } from '../test/main/labelled-images.ts'
import { connectByWebSocket } from '../test/main/procedures/socket-connection.ts'
import { startApplication } from './application.ts'
import { startBrowser } from './browser.ts'
import { violations } from './violations.ts'

let page: Page
/** What the browser objects to: errors, refused styles and scripts, lost requests. */
const objections: string[] = []

/** A project of four small labelled images is open; one of its classes is painted nowhere. */
beforeAll(async () => {
  const [{ openContext, stop }, application] = await Promise.all([startBrowser(), startApplication()])
  const home = join(application.folder, 'home')
  const { images, labels } = writeLabelledImages(home, { names: ['a', 'b', 'c', 'd'] })
  const { client, disconnect } = await connectByWebSocket(application)
  await client.projects.create({ folder: join(home, 'discs'), name: 'Discs' })
  for (const name of ['disc', 'rim', 'debris']) await client.classes.add({ name })
  for await (const _ of await client.images.add({ paths: [images], subfolders: true }));
  const mapping = [0, 1, 2].map((value) => ({ stored: value, value }))
  const imported = await client.labels.import({ folder: labels, values: 'classes', mapping, replace: false })
  for await (const _ of imported);
  disconnect()
  const context = await openContext()
  page = await context.newPage()
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

test('before training, what is labelled is shown by class, and what is missing named', async () => {
  const classes = page.getByRole('list', { name: 'Labelled pixels of each class' })
  await classes.getByText('disc').waitFor()
  await expect
    .poll(() => classes.getByRole('listitem').allInnerTexts())
    .toEqual([
      expect.stringMatching(/^background\s+\d+ %\s+[\d,]+ pixels on 4 images$/),
      expect.stringMatching(/^disc\s+\d+ %\s+[\d,]+ pixels on 4 images$/),
      expect.stringMatching(/^rim\s+\d+ %\s+[\d,]+ pixels on 4 images$/),
      expect.stringMatching(/^debris\s+0 %\s+not painted$/),
    ])
  await page.getByText('debris is painted nowhere').waitFor()
  await page.getByRole('slider', { name: 'Time' }).focus()
  await page.keyboard.press('Home')
  await page.getByText('2 minutes, a first look').waitFor()
  await page.keyboard.press('End')
  await page.getByText('12 hours, overnight').waitFor()
  expect(await violations(page)).toEqual([])
})

test('the plan is told, each decision with its reason, before anything is kept', async () => {
  await page.getByText('Details of the plan').click()
  await page.getByLabel('Minutes').fill('0.1')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Show the plan' }).click()
  await page.getByText('measured on this machine').waitFor()
  await page.getByText('3 images to learn from, 1 held out to measure it.').waitFor()
  await page.getByText('Nothing speaks for another').waitFor()
  await expect.poll(() => page.getByRole('tab', { name: 'Experiments (0)' }).count()).toBe(1)
  expect(await violations(page)).toEqual([])
})

test('one button trains: it is seen from every page, its curves grow, and a sentence tells how good it is', async () => {
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await page.getByRole('link', { name: 'Images', exact: true }).click()
  await page.getByRole('button', { name: /^Work: 1 job/ }).click()
  const work = page.getByRole('dialog', { name: 'Work' })
  await work.getByText(/step \d+ of \d+/).waitFor()
  expect(await violations(page)).toEqual([])
  await work.getByRole('button', { name: 'Training on 4 images', exact: true }).click()
  await page.getByRole('img', { name: /^Loss: training [\d.]+/ }).waitFor()
  const preview = page.getByRole('region', { name: 'What it sees' })
  await preview.getByText(/^After step \d+ of \d+$/).waitFor()
  await page.getByText(/On an image it had never seen, .* agree with your labels \(Dice/).waitFor()
  await page.getByRole('img', { name: /Agreement with labels \(Dice\): background 0?\.?\d+.*disc/ }).waitFor()
  await page.getByRole('row', { name: /finished/ }).waitFor()
  expect(await violations(page)).toEqual([])
})

test('what the network sees on a held-out image is drawn over it, while it learns and afterwards', async () => {
  const preview = page.getByRole('region', { name: 'What it sees' })
  await preview.getByText(/^Its best checkpoint, after step \d+$/).waitFor()
  const canvas = preview.getByRole('application', { name: 'Image' })
  const shown = preview.getByRole('switch', { name: 'Show the prediction' })
  const picture = async (): Promise<string> => (await canvas.screenshot()).toString('base64')
  await shown.focus()
  await page.keyboard.press('Space')
  const without = await picture()
  await page.keyboard.press('Space')
  await expect.poll(picture).not.toBe(without)
  expect(await violations(page)).toEqual([])
})

test('its checkpoint is starred, named and started from; a clean-up says first what it would free', async () => {
  await page.getByRole('tab', { name: 'Checkpoints (2)' }).click()
  const best = page.getByRole('row', { name: /^Star Best of today.*disc \d\.\d\d, rim/ })
  await best.getByRole('button', { name: /^Star/ }).click()
  await best.locator('[aria-pressed="true"]').waitFor()
  await best.getByRole('button', { name: /^More/ }).click()
  await page.getByRole('menuitem', { name: 'Name and note…' }).click()
  await page.getByLabel('Name', { exact: true }).fill('first look')
  await page.keyboard.press('Enter')
  const named = page.getByRole('row', { name: /first look/ })
  await named.getByRole('button', { name: 'More for first look' }).click()
  await page.getByRole('menuitem', { name: 'Start the next training from it' }).click()
  await expect
    .poll(() =>
      page.getByLabel('Start from').evaluate((list: HTMLSelectElement) => list.selectedOptions[0]?.text),
    )
    .toBe('first look')
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Clean up…' }).click()
  await page.getByRole('button', { name: /^Delete 2 files, [\d.]+ MB$/ }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Cancel' }).click()
})

test('a training is given up after being asked once, and the work dismissed', async () => {
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await page.getByRole('button', { name: 'Give it up' }).click()
  await page.getByRole('button', { name: 'Train', exact: true }).and(page.locator(':enabled')).waitFor()
  await page.getByRole('button', { name: 'Work: done' }).click()
  const work = page.getByRole('dialog', { name: 'Work' })
  await work.getByText('given up').waitFor()
  for (let jobs = 2; jobs > 0; jobs--) {
    await expect.poll(() => work.getByRole('listitem').count()).toBe(jobs)
    await work
      .getByRole('button', { name: /^Off the list/ })
      .first()
      .click()
  }
  await expect.poll(() => page.getByRole('button', { name: /^Work/ }).count()).toBe(0)
  expect(objections).toEqual([])
})
