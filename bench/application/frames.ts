import type { Page } from 'playwright-core'

interface FrameRecorder {
  stop(): number[]
}

/** Notes how far apart the page's frames are while something is done. @returns milliseconds, in order */
export async function framesWhile(page: Page, action: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    const intervals: number[] = []
    let last: number | undefined
    let runs = true
    const note = (now: number): void => {
      if (!runs) return
      if (last !== undefined) intervals.push(now - last)
      last = now
      requestAnimationFrame(note)
    }
    requestAnimationFrame(note)
    const recorder: FrameRecorder = {
      stop() {
        runs = false
        return intervals
      },
    }
    Object.assign(globalThis, { frameRecorder: recorder })
  })
  await action()
  return await page.evaluate(() =>
    (globalThis as unknown as { frameRecorder: FrameRecorder }).frameRecorder.stop(),
  )
}
