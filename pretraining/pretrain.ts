/**
 * `npm run pretrain [-- --steps N]`: trains the network that trainings start from, on images that are drawn here, and puts it into
 * resources/. No picture of a microscope is in it. With 7,000 steps it takes about 40 minutes on two cores.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { encode } from 'fast-png'
import { startingNetworkFile } from '../src/main/services/starting-network.ts'
import { RandomGenerator } from '../src/model/random.ts'
import { readCheckpoint, writeCheckpoint } from '../src/model/weights/checkpoint.ts'
import { CLASS_NAMES, drawImage } from './draw-image.ts'
import { SIDE } from './planes.ts'

/** Training changes each of them in size, shape, brightness and noise, too. */
const IMAGES = 1000
const repository = resolve(import.meta.dirname, '..')

const { values: options } = parseArgs({ options: { steps: { type: 'string', default: '7000' } } })
const folder = await mkdtemp(join(tmpdir(), 'segscope-pretraining-'))
try {
  console.log(`Drawing ${IMAGES} images...`)
  await drawImages()
  await train(options.steps)
  const { header, weights } = await readCheckpoint(await bestCheckpoint())
  // What it scored on images that were drawn says nothing of anybody's.
  delete header.scores
  // Trainings move the weights by far more than what 16 bits lose.
  await writeCheckpoint(startingNetworkFile, header, weights, 'F16')
  console.log(`Written: ${startingNetworkFile}`)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function drawImages(): Promise<void> {
  for (const each of ['images', 'labels']) await mkdir(join(folder, each))
  for (let index = 0; index < IMAGES; index++) {
    const { samples, labels } = drawImage(new RandomGenerator(index))
    const name = `${String(index).padStart(4, '0')}.png`
    await writeImage(join(folder, 'images', name), samples)
    await writeImage(join(folder, 'labels', name), labels)
  }
}

async function writeImage(path: string, data: Uint8Array | Uint16Array): Promise<void> {
  const depth = data instanceof Uint16Array ? 16 : 8
  await writeFile(path, encode({ width: SIDE, height: SIDE, channels: data.length / SIDE ** 2, depth, data }))
}

/** By the command line, as a user would, and from nothing. @throws Error where it fails */
async function train(steps: string): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      ...[join(repository, 'src/main/cli.ts'), 'train', '--project', join(folder, 'project')],
      ...['--images', join(folder, 'images'), '--labels', join(folder, 'labels')],
      ...['--label-values', 'classes', '--class-names', CLASS_NAMES.join(',')],
      ...['--steps', steps, '--decoder', 'slim', '--from-scratch'],
    ],
    { stdio: 'inherit' },
  )
  const [status] = (await once(child, 'exit')) as [number | null]
  if (status !== 0) throw new Error(`The training ended with ${status}.`)
}

async function bestCheckpoint(): Promise<string> {
  const checkpoints = join(folder, 'project', 'checkpoints')
  const best = (await readdir(checkpoints)).find((name) => name.endsWith('-best.safetensors'))
  if (best === undefined) throw new Error('The training left no checkpoint.')
  return join(checkpoints, best)
}
