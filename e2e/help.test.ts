import { beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { type RunningApplication, startApplication } from './application.ts'
import { startBrowser } from './browser.ts'
import { makeProject } from './project.ts'
import { violations } from './violations.ts'

let page: Page
let application: RunningApplication

beforeAll(async () => {
  const [browser, served] = await Promise.all([startBrowser(), startApplication()])
  application = served
  page = await (await browser.openContext()).newPage()
  await page.goto(application.address)
  return async () => {
    await browser.stop()
    await served.stop()
  }
})

const pages = ['Images', 'Label', 'Train', 'Segment', 'Review']

test('the tour is offered to who is new, goes from page to page by keys, and can be skipped', async () => {
  await page.getByRole('button', { name: 'Take the tour' }).click()
  await page.getByText('The tour begins as soon as a project is open').waitFor()
  await makeProject(page, 'plate-7')
  const tour = page.getByRole('region', { name: 'Tour' })
  for (const [index, name] of pages.entries()) {
    await tour.getByRole('heading', { name: `${name} ${index + 1} of 5` }).waitFor()
    await expect
      .poll(() => page.getByRole('link', { name, exact: true }).getAttribute('aria-current'))
      .toBe('page')
    if (index === 2) {
      await page.keyboard.press('Escape')
      break
    }
    if (index === 1) expect(await violations(page)).toEqual([])
    await tour.locator('button:focus', { hasText: 'Next' }).waitFor()
    await page.keyboard.press('Enter')
  }
  await expect.poll(() => tour.count()).toBe(0)
})

test('it does not come back unasked, and comes when it is asked for', async () => {
  await page.reload()
  await page.getByRole('link', { name: 'Train', exact: true }).waitFor()
  await expect.poll(() => page.getByRole('region', { name: 'Tour' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Project plate-7' }).click()
  await page.getByRole('menuitem', { name: 'Close project' }).click()
  await page.getByRole('button', { name: 'New project' }).waitFor()
  await expect.poll(() => page.getByRole('button', { name: 'Take the tour' }).count()).toBe(0)
  await page
    .getByRole('button', { name: /plate-7/ })
    .first()
    .click()
  await page.getByRole('link', { name: 'Train', exact: true }).waitFor()
  await page.keyboard.press('?')
  await page.getByRole('button', { name: 'Take the tour' }).click()
  await page.getByRole('button', { name: 'Skip the tour' }).click()
  await expect.poll(() => page.getByRole('region', { name: 'Tour' }).count()).toBe(0)
})

test('every screen has its help, from the bar and by its key, with the keys as they are', async () => {
  for (const name of pages) {
    await page.getByRole('link', { name, exact: true }).click()
    await page.keyboard.press('F1')
    const dialog = page.getByRole('dialog', { name: `Help: ${name}` })
    await dialog.getByRole('listitem').first().waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => dialog.count()).toBe(0)
  }
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Help', exact: true }).click()
  await page.getByRole('dialog', { name: 'Help: Settings' }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'All keys' }).click()
  await page.getByRole('dialog', { name: 'Keys' }).getByText('Show the keys').waitFor()
  await page.keyboard.press('Escape')
})

test('the settings show what computes and this computer, refuse nonsense, and give the log away', async () => {
  const computing = page.getByRole('region', { name: 'Computing' })
  await computing
    .getByRole('row', { name: /^ONNX Runtime / })
    .first()
    .waitFor()
  await computing.getByText('ONNX Runtime. It is the only one here.').first().waitFor()
  await page.getByLabel('Threads').fill('0')
  await page.getByText('A whole number from 1 to 1024, or nothing.').waitFor()
  await page.getByLabel('Threads').fill('2')
  await page.keyboard.press('Enter')
  await page.getByLabel('Memory in gigabytes').fill('3.5')
  await page.keyboard.press('Tab')
  await page
    .getByRole('definition')
    .filter({ hasText: /GB free/ })
    .waitFor()
  await page.getByRole('button', { name: 'Show the log' }).click()
  await expect.poll(() => page.getByLabel('The log').inputValue()).toMatch(/"kind":"start"/)
  expect(await page.getByLabel('The log').inputValue()).not.toMatch(/plate-7/)
  expect(await violations(page)).toEqual([])
  await page.reload()
  await expect.poll(() => page.getByLabel('Threads').inputValue()).toBe('2')
  await expect.poll(() => page.getByLabel('Memory in gigabytes').inputValue()).toBe('3.5')
})
