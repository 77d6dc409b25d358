import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { TiffWriter } from '../src/main/imaging/tiff-writer.ts'
import { type RunningApplication, startApplication } from './application.ts'
import { startBrowser } from './browser.ts'
import { addFolder, makeProject, writeImages } from './project.ts'

const PAGES = 3
/** What each page of the stack holds at its left edge; it grows by one a column. */
const DARKEST = [1000, 2000, 3000]

let page: Page
let application: RunningApplication
let home: string

beforeAll(async () => {
  const [browser, served] = await Promise.all([
    startBrowser(),
    startApplication({
      prepare: async (folder) => {
        const images = join(folder, 'home', 'plates')
        await writeImages(images, 2)
        await writeStack(join(images, 'stack.tif'))
        await writeFile(join(images, 'broken.tif'), 'not an image')
        await mkdir(join(folder, 'home', 'archive'))
        return undefined
      },
    }),
  ])
  application = served
  home = join(application.folder, 'home')
  page = await (await browser.openContext()).newPage()
  await page.goto(application.address)
  await makeProject(page, 'flows')
  await addFolder(page, 'plates')
  return async () => {
    await browser.stop()
    await served.stop()
  }
})

async function writeStack(path: string): Promise<void> {
  const [width, height] = [64, 48]
  const writer = await TiffWriter.create(path, {
    width,
    height,
    sampleType: 'uint16',
    channels: 1,
    frames: PAGES,
    pixelSize: undefined,
    displayRange: [0, 65535],
  })
  for (const [frame, darkest] of DARKEST.entries()) {
    await writer.writeRows(
      Uint16Array.from({ length: width * height }, (_, at) => darkest + (at % width)),
      frame,
    )
  }
  await writer.finish()
}

/** The value under the middle of the image, as the page tells it. */
async function valueInTheMiddle(): Promise<number> {
  const box = await page.getByRole('application', { name: 'Image' }).boundingBox()
  if (box === null) throw new Error('The image is not shown.')
  await page.mouse.move(box.x + box.width / 2 - 1, box.y + box.height / 2)
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  const text = /value ([\d,]+)/.exec(await page.locator('.readout').innerText())?.[1] ?? '0'
  return Number(text.replace(',', ''))
}

/** How bright the middle of the image is on the screen, 0 to 255. */
async function brightnessInTheMiddle(): Promise<number> {
  const box = await page.getByRole('application', { name: 'Image' }).boundingBox()
  if (box === null) throw new Error('The image is not shown.')
  // Away from the pointer's outline, and of a column left of the middle.
  const clip = { x: box.x + box.width / 2 - 60, y: box.y + box.height / 2 - 60, width: 1, height: 1 }
  const picture = await page.screenshot({ clip })
  const { default: sharp } = await import('sharp')
  return (await sharp(picture).removeAlpha().raw().toBuffer())[0] ?? 0
}

test('a file that cannot be read is named with its reason, and read again once it is repaired', async () => {
  await page.getByLabel('Show', { exact: true }).selectOption({ label: 'Cannot be read' })
  await page.getByRole('option', { name: /broken\.tif/ }).click()
  const details = page.getByRole('complementary', { name: 'Details' })
  const reason = await details.getByRole('alert').innerText()
  expect(reason).toMatch(/not an image|no image|TIFF/i)
  expect(reason).toContain(join(home, 'plates', 'broken.tif'))
  await writeStack(join(home, 'plates', 'broken.tif'))
  await details.getByRole('button', { name: 'Read it again' }).click()
  await expect.poll(() => page.getByRole('option', { name: /broken\.tif/ }).count()).toBe(0)
  await page.getByLabel('Show', { exact: true }).selectOption({ label: 'All images' })
  await page.getByRole('option', { name: /broken\.tif/ }).waitFor()
})

test('the pages of a stack are gone through by the slider', async () => {
  await page.getByRole('option', { name: /stack\.tif/ }).dblclick()
  const slider = page.getByRole('slider', { name: 'Time' })
  await slider.waitFor()
  await expect.poll(valueInTheMiddle).toBeGreaterThanOrEqual(DARKEST[0] as number)
  await expect.poll(() => valueInTheMiddle()).toBeLessThan(1064)
  await slider.focus()
  await page.keyboard.press('ArrowRight')
  await page.getByText(`2 of ${PAGES}`, { exact: true }).first().waitFor()
  await expect.poll(valueInTheMiddle).toBeGreaterThanOrEqual(DARKEST[1] as number)
  await page.keyboard.press('End')
  await expect.poll(valueInTheMiddle).toBeGreaterThanOrEqual(DARKEST[2] as number)
  await slider.focus()
  await page.keyboard.press('Home')
  await expect.poll(valueInTheMiddle).toBeLessThan(1064)
})

test('contrast is set by dragging on the histogram, stays for the next image, and is automatic again by C', async () => {
  const brightest = page.getByRole('slider', { name: /^Brightest value/ }).first()
  const shown = async () => Number(await brightest.getAttribute('aria-valuenow'))
  const [automatic, before] = [await shown(), await brightnessInTheMiddle()]
  await brightest.scrollIntoViewIfNeeded()
  const box = await brightest.boundingBox()
  if (box === null) throw new Error('The histogram is not shown.')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x - 80, box.y + box.height / 2, { steps: 5 })
  await page.mouse.up()
  await expect.poll(() => shown()).toBeLessThan(automatic)
  await expect.poll(brightnessInTheMiddle).toBeGreaterThan(before)
  const set = await shown()
  const canvas = page.getByRole('application', { name: 'Image' })
  await canvas.focus()
  await page.keyboard.press('a')
  await page.keyboard.press('d')
  await expect.poll(shown).toBe(set)
  await page.keyboard.press('c')
  await expect.poll(shown).toBe(automatic)
})

test('images that were moved are missing, and found again by their content', async () => {
  await page.getByRole('link', { name: 'Images', exact: true }).click()
  await rename(join(home, 'plates', 'plate_1.png'), join(home, 'archive', 'called otherwise.png'))
  await page.getByRole('button', { name: 'Labels and files' }).click()
  await page.getByRole('menuitem', { name: 'Find moved images…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Find moved images' })
  await dialog.getByText(/^1 image is/).waitFor()
  await dialog.getByRole('button', { name: 'Choose folder…' }).click()
  await page.getByRole('option', { name: 'archive', exact: true }).click()
  await page.getByRole('button', { name: 'Choose “archive”' }).click()
  await dialog.getByText('1 image found. None is missing now.').waitFor()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await page.getByRole('option', { name: /called otherwise\.png/ }).waitFor()
})
