import type { Page } from 'playwright-core'

interface FrameRecorder {
  stop(): number[]
}

/** Each has its own, so that one may be within another. */
let recorders = 0

/** Notes how far apart the page's frames are while something is done. @returns milliseconds, in order */
export async function framesWhile(page: Page, action: () => Promise<void>): Promise<number[]> {
  const name = `frameRecorder${recorders++}`
  await page.evaluate((recorderName) => {
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
    Object.assign(globalThis, { [recorderName]: recorder })
  }, name)
  await action()
  return await page.evaluate(
    (recorderName) => (globalThis as unknown as Record<string, FrameRecorder>)[recorderName]?.stop() ?? [],
    name,
  )
}
