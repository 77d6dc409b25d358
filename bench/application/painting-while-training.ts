import type { Browser } from 'playwright-core'
import { framesWhile } from './frames.ts'
import { median, openFirst, withPage } from './pages.ts'
import { paintedSide, paintStrokes } from './stroke.ts'
import { jobWhen, startTrainingProject, train } from './training-project.ts'

/** Longer than anything that is measured meanwhile. */
const trainingMinutes = 30

export interface PaintingWhileTraining {
  /** Of the page's frames, those under 100 ms. */
  quickFrames: number
  toScreenMilliseconds: number
}

/** The Label page, painted on while both cores train. */
export async function measurePaintingWhileTraining(browser: Browser): Promise<PaintingWhileTraining> {
  const { application, client, disconnect } = await startTrainingProject(paintedSide)
  const job = await train(client, trainingMinutes)
  await jobWhen(client, job, ({ label }) => label.startsWith('step '))
  disconnect()
  return await withPage(browser, application, async (page) => {
    await openFirst(page)
    let times: number[] = []
    const frames = await framesWhile(page, async () => {
      ;({ times } = await paintStrokes(page, paintedSide, 12))
    })
    return {
      quickFrames: frames.filter((milliseconds) => milliseconds < 100).length / frames.length,
      toScreenMilliseconds: median(times),
    }
  })
}
