import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type RunningApplication, startApplication } from './application.ts'
import { startBrowser } from './browser.ts'
import { addFolder, makeProject, writeImages } from './project.ts'

let context: BrowserContext
let application: RunningApplication
let first: Page
let second: Page

const elsewhere = 'Segscope is used in another window'

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
  context = await browser.openContext()
  first = await context.newPage()
  await first.goto(application.address)
  await makeProject(first, 'plate-7')
  await addFolder(first, 'plates')
  return async () => {
    await browser.stop()
    await served.stop()
  }
})

test('a second page is told that the first one works, and takes over', async () => {
  second = await context.newPage()
  await second.goto(application.address)
  await second.getByRole('heading', { name: elsewhere, level: 1 }).waitFor()
  await expect.poll(() => second.getByRole('listbox', { name: 'Images' }).count()).toBe(0)
  await second.getByRole('button', { name: 'Use it here' }).click()
  await second.getByRole('listbox', { name: 'Images' }).waitFor()
  await first.getByRole('heading', { name: elsewhere, level: 1 }).waitFor()
  await expect.poll(() => first.getByRole('listbox', { name: 'Images' }).count()).toBe(0)
})

test('what was done there is seen when the first page goes on', async () => {
  await second.getByRole('option', { name: /plate_2/ }).dblclick()
  await second.getByRole('button', { name: 'Add a class' }).click()
  await second.getByLabel('Name of the new class').fill('colony')
  await second.keyboard.press('Enter')
  await second.getByRole('application', { name: 'Image' }).click()
  await second.getByText('All saved').waitFor()
  await first.bringToFront()
  await first.getByRole('button', { name: 'Use it here' }).click()
  await expect.poll(() => first.getByRole('option', { name: /plate_2/ }).innerText()).toMatch(/\d %/)
  await second.getByRole('heading', { name: elsewhere, level: 1 }).waitFor()
})

test('when the page that works is closed, the one that waits goes on', async () => {
  await first.close()
  await second.getByRole('application', { name: 'Image' }).waitFor()
})
