import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'

/** What a process holds, in MB; undefined where the system does not tell (not Linux). */
export function processMegabytes(id: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const kibibytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]
  return (Number(kibibytes) * 1024) / 1e6
}

/** The largest of the browser's page processes. */
export async function pageMegabytes(browser: Browser): Promise<number | undefined> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const sizes = processInfo.flatMap(({ id, type }) =>
    type === 'renderer' ? (processMegabytes(id) ?? []) : [],
  )
  return sizes.length === 0 ? undefined : Math.max(...sizes)
}
