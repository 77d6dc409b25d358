import type { Browser } from 'playwright-core'
import { openFirst, withPage } from './pages.ts'
import { pageMegabytes } from './process-memory.ts'
import { startWithImages, writeManyImages } from './projects.ts'

export const browsedImages = 1000
export const browsedSide = 2048

/** As the page writes numbers. */
const count = new Intl.NumberFormat('en')

/** Of the page's process after each image was opened, in MB; undefined where the system does not tell (not Linux). */
export async function measureBrowsing(browser: Browser): Promise<number | undefined> {
  const application = await startWithImages((folder) => writeManyImages(folder, browsedImages, browsedSide))
  return await withPage(browser, application, async (page) => {
    await openFirst(page)
    await page.getByRole('application', { name: 'Image' }).focus()
    for (let image = 2; image <= browsedImages; image++) {
      const pixels = page.waitForResponse((response) => response.url().includes('/pixels/'))
      await page.keyboard.press('d')
      await page
        .getByText(`${count.format(image)} of ${count.format(browsedImages)}`, { exact: true })
        .waitFor()
      await pixels
    }
    return await pageMegabytes(browser)
  })
}
