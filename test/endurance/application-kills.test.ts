import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { ImageWorkers } from '../../src/main/compute/image-workers.ts'
import { readLabelMap } from '../../src/main/imaging/read-label-map.ts'
import { addImages } from '../../src/main/services/add-images.ts'
import { importCheckpoint } from '../../src/main/services/checkpoint-files.ts'
import { createProject } from '../../src/main/services/project.ts'
import { RandomGenerator } from '../../src/model/random.ts'
import { readCheckpoint } from '../../src/model/weights/checkpoint.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { hasEnded, jobWhen, makeDiscsProject, wishes, withClient } from './discs-project.ts'
import { writeNoiseImage } from './noise-image.ts'
import { smallNetwork, writeRandomCheckpoint } from './random-checkpoint.ts'
import { kill } from './served-project.ts'
import { choose } from './size.ts'

const kills = choose({ small: 2, full: 10 })

/** All files in a folder and below, the hidden ones too. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

function expectSoundDatabase(project: string): void {
  const database = new Database(join(project, 'segscope.db'))
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
  database.close()
}

test('a training in the application, killed again and again, goes on with all that it had kept', async () => {
  const random = new RandomGenerator(5)
  const [folder, home] = [temporaryFolder(), temporaryFolder()]
  const project = await makeDiscsProject(folder, home)
  const checkpoints = join(project, 'checkpoints')
  let experiment: string | undefined
  let kept: readonly number[] = []
  for (let round = 0; round < kills; round++) {
    await withClient(project, home, async (client, served) => {
      const [known] = await client.experiments.list()
      if (experiment !== undefined) {
        expect(known).toMatchObject({
          id: experiment,
          status: expect.stringMatching(/interrupted|finished/) as string,
        })
        const { steps } = await client.experiments.curves({ id: experiment, afterStep: 0 })
        // What a page was told is kept, in order, each step once.
        expect(steps.map(({ step }) => step).slice(0, kept.length)).toEqual(kept)
      }
      const { job } =
        known?.canResume === true
          ? await client.training.resume({ experiment: known.id })
          : await client.training.start({ ...wishes, seed: round })
      const running = await jobWhen(client, job, (each) => each.label.startsWith('step ') || hasEnded(each))
      await wait(random.uniform(0, 4000))
      experiment = running.experiment
      const { steps } = await client.experiments.curves({ id: experiment ?? '', afterStep: 0 })
      kept = steps.map(({ step }) => step)
      await kill(served)
    })
    expectSoundDatabase(project)
    for (const file of filesIn(checkpoints).filter((name) => /(best|last)\.safetensors$/.test(name))) {
      expect((await readCheckpoint(join(checkpoints, file))).weights.size).toBeGreaterThan(100)
    }
  }
  await withClient(project, home, async (client) => {
    const known = (await client.experiments.list()).find(({ id }) => id === experiment)
    if (known?.status !== 'finished') {
      const { job } =
        known?.canResume === true
          ? await client.training.resume({ experiment: known.id })
          : await client.training.start(wishes)
      const ended = await jobWhen(client, job, hasEnded)
      expect(ended).toMatchObject({ state: 'finished' })
      experiment = ended.experiment
    }
    const { steps } = await client.experiments.curves({ id: experiment ?? '', afterStep: 0 })
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, index) => index + 1))
    const finished = (await client.experiments.list()).find(({ id }) => id === experiment)
    expect(finished).toMatchObject({ status: 'finished', stepsDone: finished?.steps })
    expect(steps).toHaveLength(finished?.steps ?? 0)
  })
  const own = filesIn(checkpoints).filter((name) => name.startsWith(experiment ?? '?'))
  expect(own).toEqual(['best', 'last', 'last.state'].map((kind) => `${experiment ?? ''}-${kind}.safetensors`))
  expect(filesIn(checkpoints).filter((name) => name.includes('partial'))).toEqual([])
})

test("a folder's run in the application, killed again and again, leaves whole label maps only, and all in the end", async () => {
  const random = new RandomGenerator(6)
  const [folder, home] = [temporaryFolder(), temporaryFolder()]
  const images = join(folder, 'images')
  mkdirSync(images)
  const count = 12
  for (let image = 0; image < count; image++) {
    await writeNoiseImage(join(images, `${image}.tif`), 700, 600, image)
  }
  const checkpoint = join(folder, 'small.safetensors')
  await writeRandomCheckpoint(checkpoint, smallNetwork)
  const project = await createProject(join(folder, 'project'), { door: 'command line', name: 'Noise' })
  const workers = new ImageWorkers()
  for await (const _ of addImages(project, workers, { paths: [images], subfolders: false }));
  await workers.close()
  await importCheckpoint(project, checkpoint)
  project.close()
  const request = (out: string) => ({
    what: { kind: 'project' as const },
    checkpoint: 'small',
    outFolder: join(folder, out),
    ...{ probabilities: true, overlays: true, measurements: true, flips: false, overwrite: false },
  })

  const done = new Set<string>()
  for (let round = 0; round < kills; round++) {
    await withClient(project.folder, home, async (client, served) => {
      const { job } = await client.segmentation.start(request('out'))
      await jobWhen(client, job, (each) => each.state === 'running' || hasEnded(each))
      await wait(random.uniform(0, 1500))
      await kill(served)
    })
    expectSoundDatabase(project.folder)
    const whole = filesIn(join(folder, 'out')).filter((name) => /^\d+\.tif$/.test(name))
    for (const name of whole) {
      expect((await readLabelMap(join(folder, 'out', name), 'classes', 5)).values.length).toBe(700 * 600)
    }
    // What was finished once stays.
    expect(whole).toEqual(expect.arrayContaining([...done]))
    for (const name of whole) done.add(name)
  }
  const ended = await withClient(project.folder, home, async (client) => {
    const { job } = await client.segmentation.start(request('undisturbed'))
    expect(await jobWhen(client, job, hasEnded)).toMatchObject({ state: 'finished' })
    return await jobWhen(client, (await client.segmentation.start(request('out'))).job, hasEnded)
  })
  expect(ended).toMatchObject({ state: 'finished', files: { failed: [], total: count } })
  expect((ended.files?.done ?? 0) + (ended.files?.skipped ?? 0)).toBe(count)
  const files = filesIn(join(folder, 'out'))
  expect(files).toEqual(filesIn(join(folder, 'undisturbed')))
  for (const file of files.filter((name) => /\.(tif|png|csv)$/.test(name))) {
    const [here, there] = ['out', 'undisturbed'].map((out) => readFileSync(join(folder, out, file)))
    expect((here as Buffer).equals(there as Buffer), file).toBe(true)
  }
})

test('a training and a folder at once both end as they do alone', async () => {
  const [folder, home] = [temporaryFolder(), temporaryFolder()]
  const project = await makeDiscsProject(folder, home)
  const checkpoint = join(folder, 'small.safetensors')
  await writeRandomCheckpoint(checkpoint, smallNetwork)
  await withClient(project, home, async (client) => {
    await client.checkpoints.import({ file: checkpoint })
    const segment = async (out: string): Promise<number> => {
      const outFolder = join(folder, out)
      const { job } = await client.segmentation.start({
        what: { kind: 'project' },
        checkpoint: 'small',
        outFolder,
        ...{ probabilities: false, overlays: false, measurements: false, flips: false, overwrite: false },
      })
      return job
    }
    const alone = await segment('alone')
    expect(await jobWhen(client, alone, hasEnded)).toMatchObject({ state: 'finished' })
    const { job } = await client.training.start(wishes)
    await jobWhen(client, job, ({ label }) => label.startsWith('step '))
    const beside = [await segment('beside'), await segment('beside too')]
    for (const each of beside) {
      expect(await jobWhen(client, each, hasEnded)).toMatchObject({
        state: 'finished',
        files: { failed: [] },
      })
    }
    expect(await jobWhen(client, job, hasEnded)).toMatchObject({ state: 'finished' })
  })
  for (const file of filesIn(join(folder, 'alone')).filter((name) => name.endsWith('.tif'))) {
    for (const out of ['beside', 'beside too']) {
      const [here, there] = [out, 'alone'].map((each) => readFileSync(join(folder, each, file)))
      expect((here as Buffer).equals(there as Buffer), `${out}/${file}`).toBe(true)
    }
  }
})
