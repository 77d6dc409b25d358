import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { importCheckpoint } from '../../src/main/services/checkpoint-files.ts'
import { trueNetwork, writeRandomCheckpoint } from '../../test/endurance/random-checkpoint.ts'
import { connectByWebSocket } from '../../test/main/procedures/socket-connection.ts'
import { startWithImages, writeManyImages } from './projects.ts'
import { jobWhen } from './training-project.ts'

const images = 20
const side = 1024
const rounds = 2
const program = resolve(import.meta.dirname, '../../bin/segscope.js')

export interface FolderDoors {
  /** The quickest of two runs each, in turn, from the start to the last label map in place. */
  applicationSeconds: number
  commandLineSeconds: number
}

/** The same images by the same checkpoint, through the application and by the command line. */
export async function measureFolderDoors(): Promise<FolderDoors> {
  const checkpoint = (folder: string): string => join(folder, 'random.safetensors')
  const application = await startWithImages(
    (folder) => writeManyImages(folder, images, side),
    async (project) => {
      const file = checkpoint(project.folder)
      await writeRandomCheckpoint(file, trueNetwork)
      await importCheckpoint(project, file)
    },
  )
  const home = join(application.folder, 'home')
  const seconds: { application: number[]; commandLine: number[] } = { application: [], commandLine: [] }
  try {
    const { client, disconnect } = await connectByWebSocket(application)
    for (let round = 0; round < rounds; round++) {
      let started = performance.now()
      const { job } = await client.segmentation.start({
        what: { kind: 'project' },
        checkpoint: 'random',
        outFolder: join(home, `application ${round}`),
        ...{ probabilities: false, overlays: false, measurements: false, flips: false, overwrite: false },
      })
      const done = await jobWhen(client, job, ({ state }) => state === 'finished')
      if (done.files?.done !== images) throw new Error('Not all images were segmented.')
      seconds.application.push((performance.now() - started) / 1000)

      started = performance.now()
      const child = spawn(
        process.execPath,
        [
          ...[program, 'segment', '--json', '--images', join(home, 'images')],
          ...[
            '--checkpoint',
            checkpoint(join(home, 'project')),
            '--out',
            join(home, `command line ${round}`),
          ],
        ],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      )
      const [status] = (await once(child, 'exit')) as [number | null]
      if (status !== 0) throw new Error(`The command line ended with status ${status ?? '?'}.`)
      seconds.commandLine.push((performance.now() - started) / 1000)
    }
    disconnect()
  } finally {
    await application.stop()
  }
  return {
    applicationSeconds: Math.min(...seconds.application),
    commandLineSeconds: Math.min(...seconds.commandLine),
  }
}
