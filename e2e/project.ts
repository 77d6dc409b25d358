import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'

/** Writes small 16-bit images: spots on a dim ground, each image its own. */
export async function writeImages(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (let index = 0; index < count; index++) {
    const [width, height] = [97 + index, 61]
    const samples = Uint16Array.from({ length: width * height }, (_, at) =>
      Math.hypot((at % width) - 20 - index, Math.floor(at / width) - 30) < 8 ? 3000 : 200 + (at % 7),
    )
    const picture = sharp(samples, { raw: { width, height, channels: 1 } }).toColourspace('grey16')
    await writeFile(join(folder, `plate_${index + 1}.png`), await picture.png().toBuffer())
  }
}

/** On the welcome page: makes a project and waits for its empty Images page. @returns its folder */
export async function makeProject(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: 'New project' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  const folder = page.getByRole('textbox', { name: 'Folder' })
  let path: string
  do path = await folder.inputValue()
  while (!path.endsWith(name))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Add your images' }).waitFor()
  return path
}

/** On the Images page: adds a folder that lies in the home folder. */
export async function addFolder(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Add images' }).first().click()
  await page.getByRole('button', { name: 'Choose folder…' }).click()
  await page.getByRole('option', { name, exact: true }).click()
  await page.getByRole('button', { name: `Choose “${name}”` }).click()
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByText(/added\./).waitFor()
  // Where a file could not be read, the dialog stays to say so.
  await page.keyboard.press('Escape')
}
