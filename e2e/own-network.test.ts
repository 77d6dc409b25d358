import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type RunningApplication, startApplication } from './application.ts'
import { startBrowser } from './browser.ts'
import { addFolder, makeProject, writeImages } from './project.ts'

let page: Page
let application: RunningApplication

beforeAll(async () => {
  const [browser, served] = await Promise.all([
    startBrowser(),
    startApplication({
      prepare: async (folder) => {
        await writeImages(join(folder, 'home', 'plates'), 2)
        return undefined
      },
    }),
  ])
  application = served
  page = await (await browser.openContext()).newPage()
  await page.goto(application.address)
  return async () => {
    await browser.stop()
    await served.stop()
  }
})

test('before anything is labelled, Segscope’s own network finds what the images show; that becomes labels', async () => {
  await makeProject(page, 'nobody-has-labelled')
  await addFolder(page, 'plates')
  await page.getByRole('option', { name: /plate_1/ }).dblclick()
  await page.getByRole('button', { name: 'Use Segscope’s own network' }).click()
  await page.getByText('Dotted: predicted, not labelled.').waitFor()
  await page.getByRole('button', { name: /^object/ }).waitFor()
  await page.getByRole('button', { name: 'Accept all in view' }).click()
  await page.getByText('All saved').waitFor()

  await page.keyboard.press('Alt+3')
  const labelled = page.getByRole('list', { name: 'Labelled pixels of each class' })
  const pixels = async (): Promise<number> => {
    const row = await labelled.getByRole('listitem').filter({ hasText: 'object' }).innerText()
    return Number(/(\d+) pixels on 1 image/.exec(row)?.[1])
  }
  // A spot with a radius of 8 pixels.
  await expect.poll(pixels).toBeGreaterThan(150)
  expect(await pixels()).toBeLessThan(260)

  await page.keyboard.press('Alt+4')
  const checkpoint = page.getByRole('radio', { name: /Segscope’s own network/ })
  await expect.poll(() => checkpoint.isChecked()).toBe(true)
  await page.getByText('It finds').waitFor()
})
