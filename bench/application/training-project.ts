import { join } from 'node:path'
import { type RunningApplication, startApplication } from '../../e2e/application.ts'
import type { Client } from '../../src/preload/contract/index.ts'
import type { Job } from '../../src/preload/contract/jobs.ts'
import { writeLabelledImages } from '../../test/main/labelled-images.ts'
import { connectByWebSocket } from '../../test/main/procedures/socket-connection.ts'
import { writeNoise } from './projects.ts'

export interface TrainingProject {
  application: RunningApplication
  client: Client
  /** Before a page is opened: one page works on a project at a time. */
  disconnect: () => void
}

/** Starts the application with labelled images, and one without labels whose name comes first. @param side of that one */
export async function startTrainingProject(side: number): Promise<TrainingProject> {
  const application = await startApplication()
  try {
    const home = join(application.folder, 'home')
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const { images, labels } = writeLabelledImages(home, { names, side: 256 })
    await writeNoise(join(images, '0.tif'), side)
    const { client, disconnect } = await connectByWebSocket(application)
    await client.projects.create({ folder: join(home, 'project'), name: 'bench project' })
    for (const name of ['disc', 'rim']) await client.classes.add({ name })
    for await (const _ of await client.images.add({ paths: [images], subfolders: true }));
    const mapping = [0, 1, 2].map((value) => ({ stored: value, value }))
    const imported = await client.labels.import({
      folder: labels,
      values: 'classes',
      mapping,
      replace: false,
    })
    for await (const _ of imported);
    return { application, client, disconnect }
  } catch (thrown) {
    await application.stop()
    throw thrown
  }
}

/** Trains for some minutes. @returns the job's number */
export async function train(client: Client, minutes: number): Promise<number> {
  const start = { kind: 'scratch' } as const
  return (await client.training.start({ minutes, seed: 0, start, freezeEncoder: false })).job
}

/** The job as it is when it satisfies `condition`. */
export async function jobWhen(client: Client, id: number, condition: (job: Job) => boolean): Promise<Job> {
  for await (const jobs of await client.jobs.watch()) {
    const job = jobs.find((each) => each.id === id)
    if (job?.state === 'failed') throw new Error(JSON.stringify(job.problem))
    if (job !== undefined && condition(job)) return job
  }
  throw new Error('The list of jobs ended.')
}
