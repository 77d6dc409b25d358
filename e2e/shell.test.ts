import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type RunningApplication, startApplication } from './application.ts'
import { startBrowser } from './browser.ts'
import { writeImages } from './project.ts'

const IMAGES = 12

let application: RunningApplication
let page: Page
let axe: string
/** What the browser objects to: errors, refused styles and scripts, lost requests. */
const objections: string[] = []

beforeAll(async () => {
  const [started, served] = await Promise.all([
    startBrowser(),
    startApplication({
      prepare: async (folder) => {
        await writeImages(join(folder, 'home', 'plates'), IMAGES)
        await writeFile(join(folder, 'home', 'plates', 'broken.tif'), 'not an image')
        return undefined
      },
    }),
  ])
  application = served
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const context = await started.openContext({ colorScheme: 'dark' })
  page = await context.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') objections.push(message.text())
  })
  page.on('pageerror', (error) => objections.push(error.message))
  return async () => {
    await started.stop()
    await served.stop()
  }
})

/** What axe finds wrong with the page as it is, dark and light. */
async function violations(): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    // Evaluated by the debugger, which the page's policy does not bind.
    await page.evaluate(axe)
    found.push(
      ...(await page.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: {
            run: (where: unknown) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
          }
        }
        const results = await axe.run(globalThis.document)
        return results.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
      })),
    )
  }
  return found
}

test('a new project is made by keyboard alone, where the name says', async () => {
  await page.goto(application.address)
  await page.getByRole('button', { name: 'New project' }).waitFor()
  expect(await violations()).toEqual([])
  await page.getByRole('button', { name: 'New project' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Choose images…' }).and(page.locator(':focus')).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.type('plate-7')
  await expect.poll(() => page.getByRole('textbox', { name: 'Folder' }).inputValue()).toMatch(/plate-7$/)
  expect(await violations()).toEqual([])
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Add your images' }).waitFor()
  await expect.poll(() => page.title()).toBe('plate-7 – Segscope')
})

test('a folder chosen on the server is added; what cannot be read is counted and explained', async () => {
  await page.getByRole('button', { name: 'Add images' }).click()
  await page.getByRole('button', { name: 'Choose folder…' }).click()
  await page.getByRole('option', { name: 'plates' }).click()
  expect(await violations()).toEqual([])
  await page.getByRole('button', { name: 'Choose “plates”' }).click()
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByText(`${IMAGES} images added.`).waitFor()
  await page.getByRole('button', { name: 'Show what could not be read' }).click()
  await page.getByRole('option', { name: /broken\.tif/ }).click()
  await page.getByRole('complementary', { name: 'Details' }).getByRole('alert').waitFor()
  expect(await violations()).toEqual([])
})

test('the grid is searched, sorted in natural order and walked through by keys', async () => {
  await page.getByLabel('Show', { exact: true }).selectOption({ label: 'All images' })
  const grid = page.getByRole('listbox', { name: 'Images' })
  const names = async () =>
    (await grid.getByRole('option').allInnerTexts()).map((text) => text.split('\n')[0])
  await expect
    .poll(async () => (await names()).slice(0, 3))
    .toEqual(['plate_1.png', 'plate_2.png', 'plate_3.png'])
  await grid.focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('Shift+ArrowRight')
  await page.getByRole('heading', { name: '3 images selected' }).waitFor()
  await page.getByLabel('Use for').selectOption({ label: 'Validation: measured on' })
  await expect.poll(() => grid.getByText('validation').count()).toBe(3)
  await page.keyboard.press('Control+f')
  await page.getByRole('searchbox').fill('plate_12')
  await page.getByText(`1 of ${IMAGES + 1} images`).waitFor()
  await page.getByRole('searchbox').fill('')
})

test('Enter opens an image; classes are added, painted with, and deleted with a warning', async () => {
  await page.getByRole('listbox', { name: 'Images' }).focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Add a class' }).click()
  await page.getByLabel('Name of the new class').fill('colony')
  await page.keyboard.press('Enter')
  const colony = page.getByRole('button', { name: 'colony 1', exact: true })
  await expect.poll(() => colony.getAttribute('aria-pressed')).toBe('true')
  const canvas = page.getByRole('application', { name: 'Image' })
  const box = await canvas.boundingBox()
  if (box === null) throw new Error('The image is not shown.')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2 + 50, box.y + box.height / 2, { steps: 5 })
  await page.mouse.up()
  await page.getByText('All saved').waitFor()
  await expect.poll(() => page.getByRole('option', { name: /^plate_1.png/ }).innerText()).toMatch(/\d %/)
  expect(await violations()).toEqual([])
  await page.getByRole('button', { name: 'More for colony' }).click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await page.getByText(/labelled pixels? on 1 image/).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
})

test('D and A change the image, and a reload comes back to it', async () => {
  await page.getByRole('application', { name: 'Image' }).focus()
  await page.keyboard.press('d')
  await page.getByText(`2 of ${IMAGES}`, { exact: true }).waitFor()
  await page.reload()
  await page.getByText(`2 of ${IMAGES}`, { exact: true }).waitFor()
  await page.keyboard.press('a')
  await page.getByText(`1 of ${IMAGES}`, { exact: true }).waitFor()
})

test('a key is changed in the settings, its conflict shown, and set back', async () => {
  await page.keyboard.press('Control+/')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  expect(await violations()).toEqual([])
  await page.getByRole('button', { name: 'Change keys…' }).click()
  await page.getByRole('button', { name: 'Add a key for Lasso' }).click()
  await page.keyboard.press('e')
  await page.getByText('also: Lasso').waitFor()
  expect(await violations()).toEqual([])
  await page.getByRole('button', { name: 'Usual keys for Lasso' }).click()
  await expect.poll(() => page.getByText('also: Lasso').count()).toBe(0)
  await page.getByLabel('Colours').selectOption({ label: 'Light' })
  const brightness = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  expect(Number(/\d+/.exec(brightness)?.[0])).toBeGreaterThan(192)
})

test('the browser objected to nothing', () => {
  expect(objections).toEqual([])
})

test('when the server is gone, the page says so and offers the way on', async () => {
  application.process.kill('SIGKILL')
  await page.getByText('The connection to Segscope was lost.').waitFor()
  await expect.poll(() => page.getByRole('button', { name: 'Reload' }).isVisible()).toBe(true)
})
