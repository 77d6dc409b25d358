import type { Browser, Page } from 'playwright-core'
import type { RunningApplication } from '../../e2e/application.ts'

/** Opens a page of the application, and closes both in the end. */
export async function withPage<Result>(
  browser: Browser,
  application: RunningApplication,
  measure: (page: Page) => Promise<Result>,
): Promise<Result> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  // Machines that measure may be busy with what is measured.
  page.setDefaultTimeout(120_000)
  try {
    await page.goto(application.address)
    return await measure(page)
  } finally {
    await page.close()
    await application.stop()
  }
}

/** On the Images page: opens the first image to be labelled. */
export async function openFirst(page: Page): Promise<void> {
  await page.getByRole('listbox', { name: 'Images' }).focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await page.getByRole('application', { name: 'Image' }).waitFor()
}

/** All thumbnails in view have their pictures. */
export async function picturesShown(page: Page): Promise<void> {
  const pictures = page.getByRole('listbox', { name: 'Images' }).locator('img')
  await pictures.first().waitFor()
  while (
    !(await pictures.evaluateAll(
      (images) => images.length > 8 && images.every((image) => (image as HTMLImageElement).naturalWidth > 0),
    ))
  ) {
    await page.waitForTimeout(10)
  }
}

export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] as number
}
