import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { type RunningApplication, startApplication } from './application.ts'
import { startBrowser } from './browser.ts'
import { addFolder, makeProject, writeImages } from './project.ts'

/** Of plate_1.png and plate_2.png, as `writeImages` makes them. */
const sizes = [
  [97, 61],
  [98, 61],
] as const

let page: Page
let application: RunningApplication
let home: string

beforeAll(async () => {
  const [browser, served] = await Promise.all([
    startBrowser(),
    startApplication({
      prepare: async (folder) => {
        const masks = join(folder, 'home', 'masks')
        await Promise.all([
          writeImages(join(folder, 'home', 'plates'), 3),
          mkdir(masks, { recursive: true }),
          mkdir(join(folder, 'home', 'exported'), { recursive: true }),
        ])
        for (const [index, [width, height]] of sizes.entries()) {
          await writeMask(join(masks, `plate_${index + 1}_mask.png`), width, height)
        }
        await writeMask(join(masks, 'plate_3_mask.png'), 10, 10)
        return undefined
      },
    }),
  ])
  application = served
  home = join(application.folder, 'home')
  page = await (await browser.openContext()).newPage()
  await page.goto(application.address)
  await makeProject(page, 'masks-in-and-out')
  await addFolder(page, 'plates')
  return async () => {
    await browser.stop()
    await served.stop()
  }
})

/** Stored numbers: 0, from the tenth column on 3, in the last row 7. */
function maskValue(x: number, y: number, height: number): number {
  if (y === height - 1) return 7
  return x < 10 ? 0 : 3
}

async function writeMask(path: string, width: number, height: number): Promise<void> {
  const values = Uint8Array.from({ length: width * height }, (_, at) =>
    maskValue(at % width, Math.floor(at / width), height),
  )
  const picture = sharp(values, { raw: { width, height, channels: 1 } }).toColourspace('b-w')
  await writeFile(path, await picture.png().toBuffer())
}

async function chooseFrom(menuItem: string): Promise<void> {
  await page.getByRole('button', { name: 'Labels and files' }).click()
  await page.getByRole('menuitem', { name: menuItem }).click()
}

test('label masks are paired, their numbers mapped to classes, and imported; what does not fit says why', async () => {
  await chooseFrom('Import labels from a folder…')
  const dialog = page.getByRole('dialog', { name: 'Import labels' })
  await dialog.getByRole('button', { name: 'Choose…' }).click()
  await page.getByRole('option', { name: 'masks', exact: true }).click()
  await page.getByRole('button', { name: 'Choose “masks”' }).click()
  await dialog.getByRole('heading', { name: '3 pairs' }).waitFor()
  await expect.poll(() => dialog.getByLabel('After the image’s name').inputValue()).toBe('_mask')
  const pairs = dialog.getByRole('group', { name: 'Pairs of images and label files' })
  await expect.poll(() => pairs.getByRole('row').first().innerText()).toMatch(/plate_3\.png[\s\S]*10/)
  await dialog
    .getByLabel('What the stored numbers mean')
    .selectOption({ label: 'The number of a class; 255 is not labelled' })
  const seven = dialog.getByLabel('Class of the stored number 7')
  await seven.selectOption({ label: 'not labelled' })
  await dialog.getByRole('button', { name: 'Import labels of 2 images' }).click()
  await dialog.getByText('Labels of 2 images imported.').waitFor()
  await dialog.getByRole('button', { name: 'Done' }).click()
  // All but the last row is labelled.
  await expect.poll(() => page.getByRole('option', { name: /plate_1\.png/ }).innerText()).toMatch(/98 %/)
  expect(await page.getByRole('option', { name: /plate_3\.png/ }).innerText()).not.toMatch(/%/)
})

test('an import is taken back like a stroke, and brought back', async () => {
  await page.getByRole('option', { name: /plate_1\.png/ }).dblclick()
  await page.getByRole('button', { name: 'class 3 1', exact: true }).waitFor()
  await page.getByRole('application', { name: 'Image' }).focus()
  const strip = page.getByRole('option', { name: /^plate_1\.png/ })
  await expect.poll(() => strip.innerText()).toMatch(/98 %/)
  await expect.poll(() => page.getByRole('button', { name: /^Undo/ }).isEnabled()).toBe(true)
  await page.keyboard.press('Control+z')
  await expect.poll(() => strip.innerText()).not.toMatch(/%/)
  await page.keyboard.press('Control+y')
  await expect.poll(() => strip.innerText()).toMatch(/98 %/)
})

test('labels are exported as PNG, pixel for pixel, and files that are there are kept', async () => {
  await page.getByRole('link', { name: 'Images', exact: true }).click()
  const kept = join(home, 'exported', 'plate_2.png')
  await writeFile(kept, 'mine')
  await chooseFrom('Export labels to a folder…')
  const dialog = page.getByRole('dialog', { name: 'Export labels' })
  await dialog.getByRole('button', { name: 'Choose…' }).click()
  await page.getByRole('option', { name: 'exported', exact: true }).click()
  await page.getByRole('button', { name: 'Choose “exported”' }).click()
  await dialog
    .getByLabel('As', { exact: true })
    .selectOption({ label: 'Label map: PNG, the grey level is the class' })
  await dialog.getByRole('button', { name: 'Export', exact: true }).click()
  await dialog.getByText(/^1 file written/).waitFor()
  const exported = sharp(join(home, 'exported', 'plate_1.png'))
  const { data, info } = await exported.toColourspace('b-w').raw().toBuffer({ resolveWithObject: true })
  const [width, height] = sizes[0]
  expect(info).toMatchObject({ width, height, channels: 1 })
  const stored = new Map([
    [0, 0],
    [3, 1],
    [7, 255],
  ])
  const expected = Uint8Array.from(
    { length: width * height },
    (_, at) => stored.get(maskValue(at % width, Math.floor(at / width), height)) ?? -1,
  )
  expect(Buffer.from(data).equals(expected)).toBe(true)
  await expect(sharp(kept).metadata()).rejects.toThrow()
})

test('where a folder that was typed is not there yet, choosing begins where the last choice was', async () => {
  await page.getByRole('button', { name: 'Done' }).click()
  await chooseFrom('Export labels to a folder…')
  const dialog = page.getByRole('dialog', { name: 'Export labels' })
  await dialog.getByRole('button', { name: 'Choose…' }).click()
  await page.getByRole('button', { name: 'Choose “exported”' }).click()
  await dialog.getByLabel('Folder', { exact: true }).fill(join(home, 'not-there-yet'))
  await dialog.getByRole('button', { name: 'Choose…' }).click()
  await page.getByRole('button', { name: 'Choose “exported”' }).click()
  await expect
    .poll(() => dialog.getByLabel('Folder', { exact: true }).inputValue())
    .toBe(join(home, 'exported'))
  await dialog.getByRole('button', { name: 'Cancel' }).click()
})
