import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readLabelMap } from '../../src/main/imaging/read-label-map.ts'
import { openProject } from '../../src/main/services/project.ts'
import { RandomGenerator } from '../../src/model/random.ts'
import { writeLabelledImages } from '../main/labelled-images.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { writeNoiseImage } from './noise-image.ts'
import { smallNetwork, writeRandomCheckpoint } from './random-checkpoint.ts'
import { choose } from './size.ts'

const program = resolve(import.meta.dirname, '../../bin/segscope.js')
const kills = choose({ small: 2, full: 10 })

/**
 * Runs the command line, and kills it some time after the first line that matches, unless it ends before.
 * @returns its exit status; null where it was killed
 */
async function runAndKill(arguments_: string[], after: RegExp, milliseconds: number): Promise<number | null> {
  const child = spawn(process.execPath, [program, ...arguments_, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close') as Promise<[status: number | null]>
  for await (const line of createInterface(child.stdout)) {
    if (!after.test(line)) continue
    void wait(milliseconds).then(() => child.kill('SIGKILL'))
    break
  }
  child.stdout.resume()
  return (await ended)[0]
}

/** Runs the command line to its end. */
async function run(arguments_: string[]): Promise<void> {
  expect(await runAndKill(arguments_, /^never$/, 0)).toBe(0)
}

/** All files in a folder and below, the hidden ones too. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

test('training that is killed again and again resumes, and ends as one never disturbed', async () => {
  const random = new RandomGenerator(1)
  const folder = temporaryFolder()
  const { images, labels } = writeLabelledImages(folder)
  const options = ['--images', images, '--labels', labels, '--label-values', 'classes', '--steps', '16']
  const undisturbed = join(folder, 'undisturbed')
  await run(['train', ...options, '--project', undisturbed])

  const project = join(folder, 'project')
  let arguments_ = ['train', ...options, '--project', project]
  let experiment = ''
  let status: number | null = null
  for (let kill = 0; kill < kills && status === null; kill++) {
    status = await runAndKill(arguments_, /Experiment/, random.uniform(0, 6000))
    const opened = await openProject(project, { door: 'command line' })
    const [record] = opened.experiments.list()
    opened.close()
    experiment = record?.id ?? ''
    // Killed so early that it had not begun, it still waits.
    if (status === null) expect(record?.status).toMatch(/interrupted|queued/)
    arguments_ = ['train', '--project', project, '--resume', experiment]
  }
  if (status === null) await run(arguments_)

  const losses = []
  for (const folder of [undisturbed, project]) {
    const opened = await openProject(folder, { door: 'command line' })
    const [record] = opened.experiments.list()
    expect(record?.status).toBe('finished')
    losses.push(opened.metrics.steps(record?.id ?? '').map(({ step, loss }) => [step, loss]))
    opened.close()
  }
  expect(losses[1]).toEqual(losses[0])
  expect(filesIn(join(project, 'checkpoints'))).toEqual(
    ['best', 'last', 'last.state'].map((kind) => `${experiment}-${kind}.safetensors`),
  )
})

test('segmentation that is killed again and again leaves whole results only, and all in the end', async () => {
  const random = new RandomGenerator(2)
  const folder = temporaryFolder()
  const images = join(folder, 'images')
  const names = Array.from({ length: 12 }, (_, index) => `${index % 2 === 0 ? 'a' : 'b'}/${index}.tif`)
  for (const name of names) {
    mkdirSync(join(images, name, '..'), { recursive: true })
    await writeNoiseImage(join(images, name), 700, 600, names.indexOf(name))
  }
  const checkpoint = join(folder, 'checkpoint.safetensors')
  await writeRandomCheckpoint(checkpoint, smallNetwork)
  const segment = (out: string): string[] => [
    ...['segment', '--images', images, '--checkpoint', checkpoint, '--probabilities'],
    ...['--write', 'ome-tiff,ome-zarr,hdf5,geojson,png', '--out', join(folder, out)],
  ]
  await run(segment('undisturbed'))

  for (let kill = 0; kill < kills; kill++) {
    await runAndKill(segment('out'), /segmenting/, random.uniform(0, 1500))
    for (const name of filesIn(join(folder, 'out')).filter((file) => /\d\.tif$/.test(file))) {
      expect((await readLabelMap(join(folder, 'out', name), 'classes', 5)).values.length).toBe(700 * 600)
    }
  }
  await run(segment('out'))
  const files = filesIn(join(folder, 'out'))
  expect(files).toEqual(filesIn(join(folder, 'undisturbed')))
  for (const format of ['ome-tiff', 'ome-zarr', 'hdf5', 'geojson', 'png']) {
    const written = names.filter((name) =>
      files.some((file) => file.startsWith(join(format, name.replace('.tif', '.')))),
    )
    expect(written, format).toEqual(names)
  }
  // The ledger tells when each was done, and HDF5 when each data set was made.
  for (const file of files.filter((name) => !/\.(jsonl|h5)$/.test(name))) {
    const [here, there] = ['out', 'undisturbed'].map((out) => readFileSync(join(folder, out, file)))
    expect((here as Buffer).equals(there as Buffer), file).toBe(true)
  }
})
