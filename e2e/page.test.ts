import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { About } from '../src/preload/contract.ts'
import { startBrowser } from './browser.ts'
import { startPageServer } from './page-server.ts'

const about: About = { segscope: '9.8.7', electron: '45.0.0', platform: 'linux x64' }

let browser: Browser
let address: string

beforeAll(async () => {
  const [started, server] = await Promise.all([startBrowser(), startPageServer()])
  browser = started.browser
  address = server.address
  return async () => {
    await started.stop()
    await server.stop()
  }
})

/** Opens the built page as the window does, with an answering main process, and collects what the browser objects to. */
async function openPage(options: BrowserContextOptions): Promise<{ page: Page; objections: string[] }> {
  const page = await browser.newPage(options)
  const objections: string[] = []
  page.on('console', (message) => objections.push(message.text()))
  page.on('pageerror', (error) => objections.push(error.message))
  page.on('requestfailed', (request) => objections.push(request.url()))
  await page.addInitScript((answer) => {
    Object.assign(globalThis, { segscope: { about: () => Promise.resolve(answer) } })
  }, about)
  await page.goto(address)
  return { page, objections }
}

test('the page says what works, what does not, and what runs', async () => {
  const { page, objections } = await openPage({})
  await page.getByText('Segscope 9.8.7 · Electron 45.0.0 · linux x64').waitFor()
  expect(await page.getByRole('note').innerText()).toContain('This window cannot label images yet')
  expect(await page.locator('code').allInnerTexts()).toContainEqual(
    expect.stringMatching(/^npx segscope train --images /),
  )
  expect(objections).toEqual([])
})

test('its security policy is in force: an inline script does not run', async () => {
  const { page, objections } = await openPage({})
  await page.evaluate(() => {
    document.body.append(
      Object.assign(document.createElement('script'), { text: 'document.title = "changed"' }),
    )
  })
  expect(await page.title()).toBe('Segscope')
  expect(objections).toEqual([expect.stringContaining("default-src 'self'")])
})

test('it is dark or light as the system is', async () => {
  const brightness = async (colorScheme: 'dark' | 'light'): Promise<number> => {
    const { page } = await openPage({ colorScheme })
    const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    return Number(/\d+/.exec(colour)?.[0])
  }
  expect(await brightness('dark')).toBeLessThan(64)
  expect(await brightness('light')).toBeGreaterThan(192)
})

test.each([900, 1280, 1920])('nothing is cut off at a width of %i pixels', async (width) => {
  const { page } = await openPage({ viewport: { width, height: 700 } })
  await page.getByText('What works today').waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
})
