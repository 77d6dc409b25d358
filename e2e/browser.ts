import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'

const installedBrowsers = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** A browser that tests drive. */
export interface TestBrowser {
  browser: Browser
  /** A person's browser of its own, 1280 x 800, whose pages are given time: machines are slow, and used by others too. */
  openContext: (options?: { colorScheme: 'dark' }) => Promise<BrowserContext>
  /** Closes it and removes what was unpacked for it. */
  stop: () => Promise<void>
}

/** Starts a headless browser: the machine's own Chromium or Chrome, or else the one of @sparticuz/chromium (Linux). */
export async function startBrowser(): Promise<TestBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'segscope-browser-'))
  const browser = await chromium.launch({
    executablePath: installedBrowsers.find((path) => existsSync(path)) ?? (await unpackChromium(folder)),
    // Without a locale, a headless browser names its language "en-US@posix", which no formatter of numbers takes.
    env: { ...process.env, LC_ALL: 'en_US.UTF-8' },
    args: [
      '--no-sandbox',
      '--headless=shell',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--ignore-gpu-blocklist',
    ],
  })
  return {
    browser,
    openContext: async (options) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
      context.setDefaultTimeout(60_000)
      return context
    },
    stop: async () => {
      await browser.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The package unpacks itself into what TMPDIR names, and leaves it there: hence a folder that is removed later. */
async function unpackChromium(folder: string): Promise<string> {
  const { TMPDIR } = process.env
  process.env['TMPDIR'] = folder
  try {
    const { default: packaged } = await import('@sparticuz/chromium')
    return await packaged.executablePath()
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
  }
}
