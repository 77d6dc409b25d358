import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { type RunningApplication, startApplication } from './application.ts'
import { startBrowser } from './browser.ts'
import { writeImages } from './project.ts'

const jobTimeout = 140_000
/** More than any page has controls before one that is looked for. */
const MOST_TABS = 60

let application: RunningApplication
let page: Page

/** Small images in the home folder, and the welcome page; from here on, keys are all there is but for painting. */
beforeAll(async () => {
  const [browser, served] = await Promise.all([
    startBrowser(),
    startApplication({
      prepare: async (folder) => {
        await writeImages(join(folder, 'home', 'plates'), 4)
        return undefined
      },
    }),
  ])
  application = served
  page = await (await browser.openContext()).newPage()
  await page.goto(application.address)
  await page.getByRole('button', { name: 'New project' }).waitFor()
  return async () => {
    await browser.stop()
    await served.stop()
  }
})

/** Presses Tab until a control has the focus, which one that is switched off yet cannot have. */
async function tabTo(control: Locator): Promise<void> {
  await expect.poll(() => isEnabled(control), { message: String(control) }).toBe(true)
  const passed: string[] = []
  for (let times = 0; times < MOST_TABS; times++) {
    await page.keyboard.press('Tab')
    if (await hasFocus(control)) return
    passed.push(await focused())
  }
  throw new Error(`Tab does not come to ${String(control)}, but to: ${passed.join(' | ')}`)
}

/** Asks again by polling where it is not there yet, so that what waits longest is the poll. */
async function isEnabled(control: Locator): Promise<boolean> {
  return await control.isEnabled({ timeout: 1000 })
}

async function hasFocus(control: Locator): Promise<boolean> {
  return await control.evaluate((element) => element === document.activeElement)
}

async function expectFocus(control: Locator): Promise<void> {
  await expect.poll(() => isEnabled(control), { message: String(control) }).toBe(true)
  await expect.poll(() => hasFocus(control), { message: String(control) }).toBe(true)
}

/** What has the focus, for messages. */
async function focused(): Promise<string> {
  return await page.evaluate(() => {
    const { activeElement } = document
    if (activeElement === null) return 'nothing'
    return `${activeElement.tagName} ${activeElement.getAttribute('aria-label') ?? activeElement.textContent.trim().slice(0, 40)}`
  })
}

const button = (name: string | RegExp): Locator => page.getByRole('button', { name, exact: true })

test('a project is made, and images are added', async () => {
  await tabTo(button('New project'))
  await page.keyboard.press('Enter')
  await expectFocus(button('Choose images…'))
  await tabTo(page.getByRole('textbox', { name: 'Name' }))
  await page.keyboard.type('keys')
  await expect.poll(() => page.getByRole('textbox', { name: 'Folder' }).inputValue()).toMatch(/keys$/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Add your images' }).waitFor()

  await tabTo(button('Add images').first())
  await page.keyboard.press('Enter')
  await expectFocus(button('Choose folder…'))
  await page.keyboard.press('Enter')
  const folders = page.getByRole('listbox', { name: 'Folders' })
  await expectFocus(folders)
  await folders.getByRole('option', { name: 'plates' }).waitFor()
  await page.keyboard.press('Home')
  await tabTo(button('Choose “plates”'))
  await page.keyboard.press('Enter')
  await expectFocus(button('Choose folder…'))
  await tabTo(button('Add'))
  await page.keyboard.press('Enter')
  await page.getByText('4 images added.').waitFor()
  const images = page.getByRole('listbox', { name: 'Images' })
  await images.getByRole('option', { name: /plate_1/ }).waitFor()
  await tabTo(images)
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Label', level: 1 }).waitFor()
})

test('a class is named, and a little is painted', async () => {
  await tabTo(button('Add a class'))
  await page.keyboard.press('Enter')
  await expectFocus(page.getByLabel('Name of the new class'))
  await page.keyboard.type('colony')
  await page.keyboard.press('Enter')
  await expectFocus(page.getByRole('button', { name: /^colony/, pressed: true }))
  for (let image = 1; image <= 3; image++) {
    await page.getByText(`${image} of 4`, { exact: true }).waitFor()
    await page.keyboard.press('1')
    await paint(20 + image - 1, 30)
    await page.keyboard.press('0')
    await paint(60, 15)
    await paint(60, 45)
    await page.getByText('All saved').waitFor()
    await page.keyboard.press('d')
  }
})

/** A short stroke at a place of the fitted image, of 97 x 61 pixels and a little wider ones. */
async function paint(x: number, y: number): Promise<void> {
  const box = await page.getByRole('application', { name: 'Image' }).boundingBox()
  if (box === null) throw new Error('The image is not shown.')
  const zoom = 0.98 * Math.min(box.width / 98, box.height / 61)
  const at = (offset: number): [number, number] => [
    box.x + box.width / 2 + (x + offset - 49) * zoom,
    box.y + box.height / 2 + (y - 30.5) * zoom,
  ]
  await page.mouse.move(...at(-2))
  await page.mouse.down()
  await page.mouse.move(...at(2), { steps: 3 })
  await page.mouse.up()
}

test('a training is set up, begun and watched; its checkpoint gets a name', async () => {
  await page.keyboard.press('Alt+3')
  await tabTo(page.locator('summary', { hasText: 'Details of the plan' }))
  await page.keyboard.press('Enter')
  await tabTo(page.getByLabel('Minutes'))
  await page.keyboard.type('0.1')
  await tabTo(button('Train'))
  await page.keyboard.press('Enter')
  await page.getByRole('row', { name: /finished/ }).waitFor({ timeout: jobTimeout })
  await tabTo(page.getByRole('tab', { name: /^Experiments/ }))
  await page.keyboard.press('ArrowRight')
  const more = page.getByRole('button', { name: /^More for Best of/ })
  await tabTo(more)
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Name and note…' }).waitFor()
  await page.keyboard.press('Enter')
  await expectFocus(page.getByLabel('Name', { exact: true }))
  await page.keyboard.type('first look')
  await page.keyboard.press('Enter')
  await page.getByRole('row', { name: /first look/ }).waitFor()
  await expectFocus(button('More for first look'))
})

test('its prediction is seen while labelling, and taken into the labels', async () => {
  await page.keyboard.press('Alt+2')
  await page.getByRole('application', { name: 'Image' }).waitFor()
  await page.keyboard.press('q')
  await page.getByText('Dotted: predicted, not labelled.').waitFor()
  await page.keyboard.press('Shift+T')
  await page.getByText('All saved').waitFor()
})

test('the project is segmented, results are judged, and one is corrected', async () => {
  await page.keyboard.press('Alt+4')
  await expect.poll(() => page.getByRole('radio', { name: /first look/ }).isChecked()).toBe(true)
  await tabTo(button('Segment'))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '4 images segmented' }).waitFor({ timeout: jobTimeout })
  await tabTo(button('Review'))
  await page.keyboard.press('Enter')
  const verdict = page.getByRole('toolbar', { name: 'Verdict' })
  await verdict.waitFor()
  await page.keyboard.press('y')
  await page.getByRole('option', { name: /plate_1.*accepted/ }).waitFor()
  await page.getByRole('option', { name: /plate_2.*unseen/, selected: true }).waitFor()
  await verdict.waitFor()
  await page.keyboard.press('n')
  await page.getByRole('option', { name: /plate_2.*rejected/ }).waitFor()
  await page.getByRole('option', { name: /plate_3.*unseen/, selected: true }).waitFor()
  await verdict.waitFor()
  await tabTo(button('Correct'))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Label', level: 1 }).waitFor()
  await page.getByText('All saved').waitFor()
})

test('the tables of all images are saved, and the focus is back where it was', async () => {
  await page.keyboard.press('Alt+5')
  await tabTo(button('Tables of all images…'))
  await page.keyboard.press('Enter')
  await tabTo(button('Save'))
  await page.keyboard.press('Enter')
  await expectFocus(button('Done'))
  const written = await page.getByText(/ saved in .*objects\.csv/).innerText()
  const [, file = ''] = / saved in (.*objects\.csv)/.exec(written) ?? []
  expect(readFileSync(file, 'utf8')).toMatch(/^image,/)
  expect(existsSync(file.replace('objects.csv', 'summary.csv'))).toBe(true)
  await page.keyboard.press('Enter')
  await expectFocus(button('Tables of all images…'))
})
