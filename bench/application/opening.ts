import type { Browser } from 'playwright-core'
import { picturesShown, withPage } from './pages.ts'
import { startWithImages, writeManyImages } from './projects.ts'
import { measureScrolling, type ScrollingSpeed } from './scrolling.ts'

export const openedImages = 10_000

export interface OpeningSpeed {
  /** Second time: from the click on a recent project to a grid with its pictures. */
  openMilliseconds: number
  scrolling: ScrollingSpeed
}

/** A project of many images: how soon it is there, and how smoothly its grid scrolls. */
export async function measureOpening(browser: Browser): Promise<OpeningSpeed> {
  const application = await startWithImages((folder) => writeManyImages(folder, openedImages, 64))
  return await withPage(browser, application, async (page) => {
    await picturesShown(page)
    await page
      .getByRole('button', { name: /project/ })
      .first()
      .click()
    await page.getByRole('menuitem', { name: /Close/ }).click()
    const recent = page.getByRole('button', { name: /project/i }).filter({ hasText: 'bench' })
    await recent.first().waitFor()
    const started = performance.now()
    await recent.first().click()
    await picturesShown(page)
    const openMilliseconds = performance.now() - started
    return { openMilliseconds, scrolling: await measureScrolling(page) }
  })
}
