import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { safe } from '@orpc/client'
import { unzipSync } from 'fflate'
import { expect, onTestFinished, test } from 'vitest'
import type { Application } from '../../../src/main/application.ts'
import { answerRequest } from '../../../src/main/pixels/answer-request.ts'
import { trainingPreviewAddress } from '../../../src/preload/contract/addresses.ts'
import type { Client } from '../../../src/preload/contract/index.ts'
import type { Job } from '../../../src/preload/contract/jobs.ts'
import { decodePredictionTile } from '../../../src/preload/contract/prediction-tiles.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { writeLabelledImages } from '../labelled-images.ts'
import { connectByPort, startApplication } from '../procedures/connections.ts'

const wishes = {
  minutes: 0.1,
  seed: 3,
  start: { kind: 'starting network' },
  freezeEncoder: false,
} as const

/** A client with a project of eight images, their labels imported as strokes. */
async function projectWithLabels(): Promise<{ client: Client; folder: string; application: Application }> {
  const application = await startApplication()
  const { client, disconnect } = connectByPort(application)
  onTestFinished(() => {
    application.closeProject()
    disconnect()
  })
  const folder = temporaryFolder()
  const { images, labels } = writeLabelledImages(folder, { names: ['a', 'b', 'c', 'd'] })
  await client.projects.create({ folder: join(folder, 'project'), name: 'Discs' })
  await client.classes.add({ name: 'disc' })
  await client.classes.add({ name: 'rim' })
  for await (const _ of await client.images.add({ paths: [images], subfolders: true }));
  const mapping = [0, 1, 2].map((value) => ({ stored: value, value }))
  const events = await client.labels.import({ folder: labels, values: 'classes', mapping, replace: false })
  for await (const _ of events);
  return { client, folder, application }
}

/** The job as it is when it satisfies `condition`. */
async function waitFor(client: Client, id: number, condition: (job: Job) => boolean): Promise<Job> {
  for await (const jobs of await client.jobs.watch()) {
    const job = jobs.find((each) => each.id === id)
    if (job !== undefined && condition(job)) return job
    if (job?.state === 'failed') throw new Error(JSON.stringify(job.problem))
  }
  throw new Error('The list of jobs ended.')
}

const hasEnded = ({ state }: Job): boolean => ['finished', 'stopped', 'cancelled', 'failed'].includes(state)

test('from painted labels to a segmented folder with numbers, in the application', async () => {
  const { client, folder } = await projectWithLabels()
  expect(await client.training.preFlight()).toMatchObject({
    labelledImages: 4,
    classes: [
      { name: 'background', images: 4 },
      { name: 'disc', images: 4 },
      { name: 'rim', images: 4 },
    ],
    findings: [],
  })

  const { job } = await client.training.start(wishes)
  // Painting goes on while it trains, and what is painted now belongs to the next training.
  const running = await waitFor(client, job, ({ state }) => state === 'running')
  await client.labels.undo({ image: 1, page: 0 })
  const trained = await waitFor(client, job, hasEnded)
  expect(trained).toMatchObject({ state: 'finished', fraction: 1, experiment: running.experiment })

  const [experiment] = await client.experiments.list()
  expect(experiment).toMatchObject({
    id: trained.experiment,
    status: 'finished',
    images: 4,
    canResume: false,
  })
  expect(experiment?.stepsDone).toBe(experiment?.steps)
  expect(await client.experiments.details({ id: experiment?.id ?? '' })).toMatchObject({ wishes })
  const curves = await client.experiments.curves({ id: experiment?.id ?? '', afterStep: 1 })
  expect(curves.steps.map(({ step }) => step)[0]).toBe(2)
  expect(curves.validations.at(-1)?.dice).toHaveLength(3)
  const best = (await client.checkpoints.list()).find(({ kind }) => kind === 'best')
  expect(best?.dice.map(({ name }) => name)).toEqual(['background', 'disc', 'rim'])

  const outFolder = join(folder, 'masks')
  const segmentation = {
    what: { kind: 'project' },
    checkpoint: best?.id ?? '',
    outFolder,
    probabilities: false,
    overlays: true,
    measurements: true,
    flips: false,
    overwrite: false,
  } as const
  const first = await client.segmentation.start(segmentation)
  expect(await waitFor(client, first.job, hasEnded)).toMatchObject({
    state: 'finished',
    files: { done: 4, skipped: 0, failed: [], total: 4 },
  })
  for (const name of ['a.tif', 'd.tif', 'overlays/a.png', 'measurements.csv']) {
    expect(existsSync(join(outFolder, name)), name).toBe(true)
  }
  expect(readFileSync(join(outFolder, 'measurements.csv'), 'utf8')).toMatch(/^image,page,object,class,/)
  const again = await client.segmentation.start(segmentation)
  expect(await waitFor(client, again.job, hasEnded)).toMatchObject({ files: { done: 0, skipped: 4 } })

  const copy = join(folder, 'copy.safetensors')
  await client.checkpoints.export({
    id: best?.id ?? '',
    file: copy,
    format: { kind: 'safetensors' },
    replace: false,
  })
  const [refused] = await safe(
    client.checkpoints.export({ id: best?.id ?? '', file: copy, format: { kind: 'onnx' }, replace: false }),
  )
  expect(refused).toMatchObject({ data: { code: 'file-exists' } })
  const zip = join(folder, 'discs.zip')
  const format = {
    kind: 'bioimageio' as const,
    name: 'Discs and rims',
    description: 'Discs',
    authors: ['Somebody'],
    license: 'CC-BY-4.0',
    showImage: true,
  }
  const [unnamed] = await safe(
    client.checkpoints.export({
      id: best?.id ?? '',
      file: zip,
      format: { ...format, authors: [] },
      replace: false,
    }),
  )
  expect(unnamed).toMatchObject({ data: { code: 'package-authors' } })
  await client.checkpoints.export({ id: best?.id ?? '', file: zip, format, replace: false })
  expect(Object.keys(unzipSync(readFileSync(zip))).sort()).toEqual([
    'README.md',
    'cover.png',
    'rdf.yaml',
    'test_input.npy',
    'test_output.npy',
    'weights.onnx',
  ])
  expect(await client.checkpoints.import({ file: copy })).toMatchObject({ id: 'copy', kind: 'imported' })

  const { files } = await client.checkpoints.cleanUpPreview()
  expect(files.map(({ file }) => file).sort()).toEqual([
    expect.stringContaining('-last.safetensors') as string,
    expect.stringContaining('-last.state.safetensors') as string,
  ])
  const [state, last] = files.toSorted(
    (one, other) => Number(one.checkpoint !== undefined) - Number(other.checkpoint !== undefined),
  )
  const cleaned = await client.checkpoints.cleanUp({ files: [...files.map(({ file }) => file), copy] })
  // The state is gone; the checkpoint is deleted as any other: its file is there until it is purged.
  const lastId = `${experiment?.id ?? ''}-last`
  expect(cleaned).toEqual({ freed: state?.bytes, checkpoints: [lastId] })
  expect([state, last].map((each) => existsSync(each?.file ?? ''))).toEqual([false, true])
  expect((await client.checkpoints.list()).some(({ id }) => id === lastId)).toBe(false)
  await client.deletions.restore({ kind: 'checkpoint', id: lastId })
  expect((await client.checkpoints.list()).find(({ id }) => id === lastId)).toMatchObject({ missing: false })
  expect(existsSync(copy)).toBe(true)
})

test('a training is paused, goes on, is stopped and resumed; one that is given up is cancelled', async () => {
  const { client } = await projectWithLabels()
  const { job } = await client.training.start({ ...wishes, minutes: 5 })
  await waitFor(client, job, ({ label }) => label.startsWith('step '))
  await client.jobs.pause({ id: job })
  const paused = await waitFor(client, job, ({ state }) => state === 'paused')
  await client.jobs.goOn({ id: job })
  await waitFor(client, job, ({ fraction, state }) => state === 'running' && fraction > paused.fraction)
  await client.jobs.stop({ id: job })
  expect(await waitFor(client, job, hasEnded)).toMatchObject({ state: 'stopped' })
  const [stopped] = await client.experiments.list()
  expect(stopped).toMatchObject({ status: 'stopped', canResume: true })

  const resumed = await client.training.resume({ experiment: stopped?.id ?? '' })
  await waitFor(
    client,
    resumed.job,
    ({ fraction }) => fraction > (stopped?.stepsDone ?? 0) / (stopped?.steps ?? 1),
  )
  await client.jobs.cancel({ id: resumed.job })
  expect(await waitFor(client, resumed.job, hasEnded)).toMatchObject({ state: 'cancelled' })
  expect((await client.experiments.list())[0]).toMatchObject({ status: 'cancelled' })
  await client.jobs.dismiss({ id: resumed.job })
  await expect
    .poll(async () => {
      for await (const jobs of await client.jobs.watch()) return jobs.map(({ id }) => id)
      return []
    })
    .toEqual([job])
})

test('a page sees what the network makes of the image that it chose, as long as it trains', async () => {
  const { client, application } = await projectWithLabels()
  const { job } = await client.training.start({ ...wishes, minutes: 0.5 })
  const { preview, experiment = '' } = await waitFor(client, job, (each) => each.preview !== undefined)
  const { data } = await client.experiments.details({ id: experiment })
  expect(data.find(({ image }) => image === preview?.image)?.split).toBe('validation')
  await client.jobs.pause({ id: job })
  const paused = await waitFor(client, job, ({ state }) => state === 'paused')
  const ask = async (which: { image: number; page: number; step: number }): Promise<Response> => {
    const address = trainingPreviewAddress(job, which, { column: 0, row: 0 })
    return (await answerRequest(application, new Request(`http://segscope${address}`))) as Response
  }
  const shown = paused.preview ?? { image: 0, page: 0, step: 0 }
  const tile = decodePredictionTile(new Uint8Array(await (await ask(shown)).arrayBuffer()))
  expect(tile).toMatchObject({ width: 64, height: 64 })
  expect(tile.values.every((value) => [0, 1, 2].includes(value))).toBe(true)
  // Gone, which is no failure.
  expect((await ask({ ...shown, step: shown.step + 1 })).status).toBe(204)
  // Not among those that it is measured on: the training goes on showing the other.
  const learntFrom = data.find(({ split }) => split === 'training')?.image ?? 0
  await client.training.preview({ job, image: learntFrom, page: 0 })
  await client.jobs.goOn({ id: job })
  await waitFor(
    client,
    job,
    (each) => (each.preview?.step ?? 0) > shown.step && each.preview?.image === shown.image,
  )
  await client.jobs.cancel({ id: job })
  await waitFor(client, job, hasEnded)
  await expect.poll(async () => (await ask(shown)).status).toBe(204)
})

test('what is in use is not deleted; what is deleted can be brought back, and goes for good when told to', async () => {
  const { client, folder } = await projectWithLabels()
  const started = await client.training.start(wishes)
  const { experiment: id = '' } = await waitFor(client, started.job, ({ state }) => state === 'running')
  const [inUse] = await safe(client.deletions.delete({ kind: 'experiment', id }))
  expect(inUse).toMatchObject({ data: { code: 'in-use' } })
  await waitFor(client, started.job, hasEnded)
  const best = `${id}-best`
  const files = [`${best}.safetensors`, `${id}-last.safetensors`, `${id}-last.state.safetensors`].map(
    (name) => join(folder, 'project', 'checkpoints', name),
  )

  const again = await client.training.start({ ...wishes, start: { kind: 'checkpoint', checkpoint: best } })
  const [startedFrom] = await safe(client.deletions.delete({ kind: 'experiment', id }))
  expect(startedFrom).toMatchObject({ data: { code: 'in-use' } })
  await client.jobs.cancel({ id: again.job })
  await waitFor(client, again.job, hasEnded)

  await client.deletions.delete({ kind: 'checkpoint', id: `${id}-last` })
  await client.deletions.delete({ kind: 'experiment', id })
  expect((await client.experiments.list()).map((each) => each.id)).not.toContain(id)
  expect((await client.checkpoints.list()).filter((each) => each.experiment === id)).toEqual([])
  const [withDeleted] = await safe(
    client.checkpoints.export({
      id: best,
      file: join(folder, 'x.onnx'),
      format: { kind: 'onnx' },
      replace: false,
    }),
  )
  expect(withDeleted).toMatchObject({ data: { code: 'checkpoint-not-found' } })
  const [resumed] = await safe(client.training.resume({ experiment: id }))
  expect(resumed).toMatchObject({ data: { code: 'experiment-deleted' } })
  expect((await client.deletions.list()).map((each) => each.id)).toEqual([id])
  expect(files.filter((file) => !existsSync(file))).toEqual([])

  // The checkpoint that was deleted before stays deleted.
  await client.deletions.restore({ kind: 'experiment', id })
  expect((await client.checkpoints.list()).filter((each) => each.experiment === id)).toMatchObject([
    { id: best },
  ])
  expect(await client.deletions.list()).toMatchObject([{ kind: 'checkpoint', id: `${id}-last` }])

  await client.deletions.delete({ kind: 'experiment', id })
  const items = (await client.deletions.list()).map(({ kind, id: item }) => ({ kind, id: item }))
  const size = files.reduce((sum, file) => sum + statSync(file).size, 0)
  // Only what is deleted can be purged.
  const kept = (await client.experiments.list()).map((each) => ({ kind: 'experiment' as const, id: each.id }))
  expect(await client.deletions.purge({ items: [...items, ...kept] })).toEqual({ freed: size })
  expect(files.filter((file) => existsSync(file))).toEqual([])
  await client.deletions.restore({ kind: 'experiment', id })
  expect((await client.experiments.list()).map((each) => each.id)).toEqual(kept.map((each) => each.id))
})

test('labels that cannot be learnt from are named before training and by it; no other project is told of it', async () => {
  const application = await startApplication()
  const { client, disconnect } = connectByPort(application)
  onTestFinished(() => {
    application.closeProject()
    disconnect()
  })
  await client.projects.create({ folder: join(temporaryFolder(), 'empty'), name: 'Empty' })
  expect(await client.training.preFlight()).toMatchObject({
    findings: [{ severity: 'stop', code: 'nothing-labelled' }],
  })
  const { job } = await client.training.start(wishes)
  for await (const jobs of await client.jobs.watch()) {
    const found = jobs.find(({ id }) => id === job)
    if (found?.state !== 'failed') continue
    expect(found.problem).toMatchObject({ code: 'not-ready-to-train' })
    break
  }
  await client.projects.create({ folder: join(temporaryFolder(), 'other'), name: 'Other' })
  for await (const jobs of await client.jobs.watch()) {
    expect(jobs).toEqual([])
    break
  }
})
