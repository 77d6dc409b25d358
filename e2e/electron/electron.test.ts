import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findElectron } from '../../src/main/commands/electron-program.ts'
import { createProject, openProject } from '../../src/main/services/project.ts'

const repository = resolve(import.meta.dirname, '../..')
const electron = await findElectron()
const { DISPLAY, WAYLAND_DISPLAY } = process.env
const hasScreen = process.platform !== 'linux' || (DISPLAY ?? WAYLAND_DISPLAY) !== undefined
const missing = electron === undefined ? "Electron's program" : hasScreen ? undefined : 'a screen'

async function start(
  folder: string,
  ...arguments_: string[]
): Promise<{ app: ElectronApplication; page: Page }> {
  const app = await _electron.launch({
    executablePath: electron as string,
    args: [repository, ...arguments_],
    env: { ...process.env, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder, APPDATA: folder },
  })
  return { app, page: await app.firstWindow() }
}

function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'segscope-window-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe.skipIf(missing !== undefined)(
  `the window${missing === undefined ? '' : ` (skipped: ${missing} is not here)`}`,
  () => {
    test('opens a project that its command line names, shows it, and closes', async () => {
      const folder = scratchFolder()
      const project = await createProject(join(folder, 'Yeast'), { door: 'command line', name: 'Yeast' })
      project.close()
      const { app, page } = await start(folder, '--project', project.folder)
      await expect.poll(() => page.title()).toContain('Yeast')
      expect(page.url()).toBe('segscope://app/')
      expect(await page.evaluate(() => typeof (globalThis as { require?: unknown }).require)).toBe(
        'undefined',
      )
      await app.close()
      // It let the project go.
      const again = await openProject(project.folder, { door: 'command line' })
      again.close()
    })

    test('goes nowhere else: no other page, no other window, no permissions', async () => {
      const { app, page } = await start(scratchFolder())
      await page.evaluate(() => {
        globalThis.open('https://example.org')
        location.href = 'https://example.org'
      })
      expect(page.url()).toBe('segscope://app/')
      expect(app.windows()).toHaveLength(1)
      expect(await page.evaluate(() => Notification.requestPermission())).toBe('denied')
      await app.close()
    })

    test('is one: a second start hands its project to the first and ends', async () => {
      const folder = scratchFolder()
      const project = await createProject(join(folder, 'Yeast'), { door: 'command line', name: 'Yeast' })
      project.close()
      const { app, page } = await start(folder)
      await expect.poll(() => page.title()).toBe('Segscope')
      await expect(start(folder, '--project', project.folder)).rejects.toThrow()
      await expect.poll(() => page.title()).toContain('Yeast')
      await app.close()
    })
  },
)
