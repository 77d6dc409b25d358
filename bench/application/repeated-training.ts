import type { Browser } from 'playwright-core'
import { withPage } from './pages.ts'
import { pageMegabytes, processMegabytes } from './process-memory.ts'
import { jobWhen, startTrainingProject, train } from './training-project.ts'

export const trainings = 10

export interface MemoryGrowth {
  /** From the end of the first training to the end of the last, in MB; undefined where the system does not tell. */
  main: number | undefined
  page: number | undefined
}

/** Trains again and again while the Train page shows it: what the main process and the page hold more in the end. */
export async function measureRepeatedTraining(browser: Browser): Promise<MemoryGrowth> {
  const { application, client } = await startTrainingProject(64)
  return await withPage(browser, application, async (page) => {
    await page.getByRole('link', { name: 'Train', exact: true }).click()
    const held: { main: number | undefined; page: number | undefined }[] = []
    for (let training = 0; training < trainings; training++) {
      const job = await train(client, 0.1)
      await jobWhen(client, job, ({ state }) => state === 'finished')
      // The page draws the last curves, and what is not needed any more may go.
      await page.waitForTimeout(2000)
      await page.requestGC()
      held.push({
        main: processMegabytes(application.process.pid as number),
        page: await pageMegabytes(browser),
      })
    }
    const growth = (of: 'main' | 'page'): number | undefined => {
      const [first, last] = [held[0]?.[of], held.at(-1)?.[of]]
      return first === undefined || last === undefined ? undefined : last - first
    }
    return { main: growth('main'), page: growth('page') }
  })
}
