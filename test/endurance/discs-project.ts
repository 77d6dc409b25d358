import { join } from 'node:path'
import type { Client } from '../../src/preload/contract/index.ts'
import type { Job } from '../../src/preload/contract/jobs.ts'
import { createProject } from '../../src/main/services/project.ts'
import { writeLabelledImages } from '../main/labelled-images.ts'
import { connectByWebSocket } from '../main/procedures/socket-connection.ts'
import { kill, type ServedProject, serveProject } from './served-project.ts'

/** Makes a project of labelled images in a folder, through the application. @returns the project's folder */
export async function makeDiscsProject(
  folder: string,
  home: string,
  { images: count = 4, project = join(folder, 'project') } = {},
): Promise<string> {
  const names = Array.from({ length: count }, (_, index) => `disc_${index}`)
  const { images, labels } = writeLabelledImages(folder, { names })
  ;(await createProject(project, { door: 'command line', name: 'Discs' })).close()
  const served = await serveProject(project, home)
  const { client, disconnect } = await connectByWebSocket(served)
  for (const name of ['disc', 'rim']) await client.classes.add({ name })
  for await (const _ of await client.images.add({ paths: [images], subfolders: true }));
  const mapping = [0, 1, 2].map((value) => ({ stored: value, value }))
  const events = await client.labels.import({ folder: labels, values: 'classes', mapping, replace: false })
  for await (const _ of events);
  disconnect()
  await kill(served)
  return project
}

/** Serves a project to a client for as long as `use` takes. */
export async function withClient<Result>(
  project: string,
  home: string,
  use: (client: Client, served: ServedProject) => Promise<Result>,
): Promise<Result> {
  const served = await serveProject(project, home)
  const { client, disconnect } = await connectByWebSocket(served)
  try {
    return await use(client, served)
  } finally {
    disconnect()
    if (served.child.exitCode === null && served.child.signalCode === null) await kill(served)
  }
}

/** The job as it is when it satisfies `condition`; whatever becomes of it. */
export async function jobWhen(client: Client, id: number, condition: (job: Job) => boolean): Promise<Job> {
  for await (const jobs of await client.jobs.watch()) {
    const job = jobs.find((each) => each.id === id)
    if (job !== undefined && condition(job)) return job
  }
  throw new Error('The list of jobs ended.')
}

export const hasEnded = ({ state }: Job): boolean =>
  ['finished', 'stopped', 'cancelled', 'failed'].includes(state)

/** A training of a few seconds. */
export const wishes = {
  minutes: 0.1,
  seed: 3,
  start: { kind: 'scratch' },
  freezeEncoder: false,
} as const
