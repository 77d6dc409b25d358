import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { startApplication } from './application.ts'
import { startBrowser } from './browser.ts'

/** `npm run screenshots`: goes the whole way with the sample images, and takes the pictures of the documentation on it. */
const folder = resolve(import.meta.dirname, '../docs/screenshots')
/** Of training; the pictures are of a network that has learnt something. */
const MINUTES = '3'
const jobTimeout = 15 * 60_000

// What a person's folder looks like in the pictures.
const home = await mkdtemp(join(tmpdir(), 'home-'))
const [browser, application] = await Promise.all([
  startBrowser(),
  startApplication({ environment: { HOME: home } }),
])
try {
  const page = await (await browser.openContext({ colorScheme: 'dark' })).newPage()
  await page.goto(application.address)
  await page.getByRole('button', { name: 'Try it with sample images' }).click()
  await page.getByRole('listbox', { name: 'Images' }).getByRole('option').first().waitFor()
  await takeImages(page)
  await takeLabels(page)
  await takeTraining(page)
  await takePrediction(page)
  await takeSegmentation(page)
  await takeReview(page)
} finally {
  await browser.stop()
  await application.stop()
  await rm(home, { recursive: true, force: true })
}

async function take(page: Page, name: string): Promise<void> {
  // Nothing under the pointer is to be lit up, and no notice of the step before to be seen; those go by themselves.
  await page.mouse.move(640, 797)
  await page.waitForLoadState('networkidle')
  await page.waitForTimeout(8000)
  const picture = await page.screenshot()
  await sharp(picture)
    .png({ palette: true, quality: 90, effort: 10 })
    .toFile(join(folder, `${name}.png`))
  process.stdout.write(`${name}\n`)
}

async function takeImages(page: Page): Promise<void> {
  await page.getByRole('listbox', { name: 'Images' }).getByRole('option').nth(5).click()
  await take(page, 'images')
}

async function takeLabels(page: Page): Promise<void> {
  await page.getByRole('listbox', { name: 'Images' }).getByRole('option').nth(3).click()
  await page.getByRole('link', { name: 'Label', exact: true }).click()
  await page.getByRole('application', { name: 'Image' }).waitFor()
  await take(page, 'label')
  await page.emulateMedia({ colorScheme: 'light' })
  await take(page, 'label-light')
  await page.emulateMedia({ colorScheme: 'dark' })
}

async function takeTraining(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Train', exact: true }).click()
  await page.locator('summary', { hasText: 'Details of the plan' }).click()
  await page.getByLabel('Minutes').fill(MINUTES)
  await page.keyboard.press('Enter')
  await page.locator('summary', { hasText: 'Details of the plan' }).click()
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await page.getByRole('row', { name: /finished/ }).waitFor({ timeout: jobTimeout })
  await take(page, 'train')
}

async function takePrediction(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Images', exact: true }).click()
  await page.getByRole('listbox', { name: 'Images' }).getByRole('option').nth(5).click()
  await page.getByRole('link', { name: 'Label', exact: true }).click()
  await page.getByRole('application', { name: 'Image' }).focus()
  await page.keyboard.press('q')
  await page.getByText('Dotted: predicted, not labelled.').waitFor()
  await take(page, 'predict')
  await page.keyboard.press('q')
}

async function takeSegmentation(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Segment', exact: true }).click()
  await page.getByRole('button', { name: 'Segment', exact: true }).click()
  await page.getByRole('heading', { name: /images segmented/ }).waitFor({ timeout: jobTimeout })
  await take(page, 'segment')
}

async function takeReview(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Review', exact: true }).click()
  await page.getByRole('option', { name: /field_A_10h/ }).click()
  await page.getByRole('grid', { name: 'Objects' }).getByRole('row').nth(1).waitFor()
  await take(page, 'review')
  await page.getByRole('application', { name: 'Image' }).focus()
  await page.keyboard.press('o')
  await take(page, 'review-grid')
}
