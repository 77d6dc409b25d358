import { cp, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { startApplication } from '../../e2e/application.ts'
import { startBrowser } from '../../e2e/browser.ts'
import { openImage } from '../../src/main/imaging/open-image.ts'
import { sharedFolder } from '../shared.ts'
import { Hands } from './hands.ts'
import { choose } from './size.ts'
import { strokesFromMask } from './strokes-from-masks.ts'

/** Real images of 16 bits: nuclei of several tissues and magnifications. */
const data = join(sharedFolder ?? '', 'data/bitdepth_nuclei_16bit')
/** Of different tissues: what a person would choose who reads that images should differ. */
const painted = choose({
  small: ['bone_40x_air_2', 'heart_40x_oil_1', 'kidney_40x_air_2'],
  full: ['bone_40x_air_2', 'heart_40x_oil_1', 'kidney_40x_air_2', 'kidney_63x_oil_1', 'muscle_40x_air_1'],
})
/** The brush that a new project has is 20 pixels wide. */
const brush = { radius: 10, most: 8 }
/** Jobs compute at a lower priority than what else the machine does. */
const jobTimeout = 20 * 60_000

/** The folder that a person has: all images, or those that are painted and a few more. */
async function copyImages(folder: string): Promise<string[]> {
  await mkdir(folder)
  const all = (await readdir(join(data, 'images'))).sort()
  const isTaken = choose({
    small: (name: string, index: number) => index % 6 === 0 || painted.some((each) => name.startsWith(each)),
    full: () => true,
  })
  const names = all.filter(isTaken)
  for (const name of names) await cp(join(data, 'images', name), join(folder, name))
  return names.map((name) => name.replace('.tif', ''))
}

async function readValues(file: string): Promise<ArrayLike<number>> {
  const source = await openImage(file)
  const { width, height } = source.info
  const { samples } = await source.read({ x: 0, y: 0, width, height })
  await source.close()
  return samples
}

/** Dice of all nuclei of all images together. */
async function measureDice(results: string, names: readonly string[]): Promise<number> {
  let [both, sum] = [0, 0]
  for (const name of names) {
    const result = await readValues(join(results, `${name}.tif`))
    const mask = await readValues(join(data, 'masks', `${name}_labels.tif`))
    for (let at = 0; at < mask.length; at++) {
      const [isFound, isThere] = [result[at] === 1, mask[at] !== 0]
      sum += Number(isFound) + Number(isThere)
      both += Number(isFound && isThere)
    }
  }
  return (2 * both) / sum
}

/** Scrolls the strip of images until one is there, as the wheel does: it keeps only those in view. */
async function findInStrip(page: Page, name: string): Promise<Locator> {
  const strip = page.getByRole('listbox', { name: 'Images' })
  const image = strip.getByRole('option', { name: new RegExp(name) })
  await strip.hover()
  await page.mouse.wheel(0, -100_000)
  // The strip follows the wheel a moment later.
  for (let turns = 0; turns < 100; turns++) {
    await page.waitForTimeout(300)
    if ((await image.count()) > 0) return image
    await page.mouse.wheel(0, 300)
  }
  throw new Error(`${name} is not in the strip.`)
}

test.skipIf(sharedFolder === undefined)(
  'from nothing to a segmented folder in fewer than 25 clicks and keys, painting apart',
  async () => {
    let names: string[] = []
    const application = await startApplication({
      prepare: async (folder) => {
        names = await copyImages(join(folder, 'home', 'nuclei'))
        return undefined
      },
    })
    onTestFinished(application.stop)
    const { openContext, stop } = await startBrowser()
    onTestFinished(stop)
    const page = await (await openContext()).newPage()
    const hands = new Hands(page)
    const button = (name: string): Locator => page.getByRole('button', { name, exact: true })
    let began = performance.now()
    let counted = 0
    const tell = (stage: string): void => {
      const seconds = ((performance.now() - began) / 1000).toFixed(0)
      console.log(`${stage}: ${hands.count - counted} clicks and keys, ${seconds} s`)
      began = performance.now()
      counted = hands.count
    }

    await page.goto(application.address)
    await hands.click(button('New project'))
    await hands.click(button('Choose images…'))
    await hands.click(page.getByRole('option', { name: 'nuclei', exact: true }))
    await hands.click(button('Choose “nuclei”'))
    await expect.poll(() => page.getByRole('textbox', { name: 'Folder' }).inputValue()).toMatch(/nuclei$/)
    await hands.click(button('Create project'))
    await hands.click(button('Add'))
    await page.getByText(`${names.length} images added.`).waitFor()
    tell('a project with images')

    await hands.click(button('Label images'))
    await hands.click(button('nucleus'))
    for (const [index, name] of painted.entries()) {
      await hands.click(await findInStrip(page, name))
      await page.getByRole('option', { name: new RegExp(name), selected: true }).waitFor()
      await expect.poll(() => page.locator('[inert]').count()).toBe(0)
      const strokes = await strokesFromMask(join(data, 'masks', `${name}_labels.tif`), brush)
      const both = [strokes.objects, strokes.background]
      // The class stays from image to image: X goes to the other one and, on the next image, back.
      if (index % 2 === 1) both.reverse()
      for (const [place, lines] of both.entries()) {
        if (place > 0) await hands.press('x')
        await hands.paint(lines, strokes)
      }
    }
    await page.getByText('All saved').waitFor()
    tell(`painting on ${painted.length} images`)

    await hands.click(button('Go to Train'))
    const time = page.getByRole('slider', { name: 'Time' })
    await hands.click(time.locator('xpath=ancestor::*[@data-orientation][last()]'), {
      position: { x: 2, y: 8 },
    })
    await page.getByText('2 minutes, a first look').waitFor()
    await hands.click(button('Train'))
    await button('Segment with it').waitFor({ timeout: jobTimeout })
    tell('training')

    await hands.click(button('Segment with it'))
    const folder = page.getByLabel('Folder of the results')
    await expect.poll(() => folder.inputValue()).not.toBe('')
    const results = await folder.inputValue()
    await hands.click(button('Segment'))
    await page
      .getByRole('heading', { name: `${names.length} images segmented` })
      .waitFor({ timeout: jobTimeout })
    tell(`segmenting ${names.length} images`)

    await hands.click(button('Review'))
    await page.getByRole('grid', { name: 'Objects' }).getByRole('row').nth(1).waitFor()
    tell('seeing a result')

    const unseen = names.filter((name) => !painted.includes(name))
    const dice = await measureDice(results, unseen)
    console.log(
      `In all: ${hands.count}. On ${unseen.length} images that nobody painted: Dice ${dice.toFixed(3)}`,
    )
    expect(hands.count).toBeLessThan(25)
  },
)
