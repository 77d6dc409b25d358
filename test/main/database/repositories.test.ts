import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { DatabaseConnection } from '../../../src/main/database/connection.ts'
import { openDatabase } from '../../../src/main/database/open-database.ts'
import { CheckpointRepository } from '../../../src/main/database/repositories/checkpoints.ts'
import {
  ExperimentRepository,
  type NewExperiment,
} from '../../../src/main/database/repositories/experiments.ts'
import { ImageRepository } from '../../../src/main/database/repositories/images.ts'
import { JobRepository } from '../../../src/main/database/repositories/jobs.ts'
import { MetricsRepository } from '../../../src/main/database/repositories/metrics.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { examplePlan } from '../examples.ts'

function newDatabase(): { folder: string; connection: DatabaseConnection } {
  const folder = temporaryFolder()
  const connection = openDatabase(join(folder, 'segscope.db'), { mode: 'wal' })
  onTestFinished(() => {
    connection.close()
  })
  return { folder, connection }
}

const image = {
  fingerprint: 'sha256:a',
  width: 640,
  height: 480,
  channels: 1,
  pages: 1,
  sampleType: 'uint16',
} as const

const experiment: NewExperiment = {
  plan: examplePlan,
  parameters: { minutes: 6, freezeEncoder: false, weights: null },
  versions: { segscope: '0.1.0', 'onnxruntime-node': '1.30.0' },
  engine: { name: 'onnxruntime', version: '1.30.0', device: 'cpu', threads: 2 },
  images: [],
}

test('an experiment comes back as it was made, with its images as they were and where they are now', () => {
  const { folder, connection } = newDatabase()
  const images = new ImageRepository(connection, folder)
  const experiments = new ExperimentRepository(connection, folder)
  const inside = images.save({ ...image, path: join(folder, 'images', 'a.tif') })
  const outside = images.save({ ...image, path: '/data/b.tif', fingerprint: 'sha256:b' })
  const labels = {
    path: '/data/labels/a.tif',
    labelValues: 'zero-unlabelled',
    fingerprint: 'sha256:l',
  } as const
  const labelFile = images.saveLabels(inside.id, labels)
  const id = experiments.create({
    ...experiment,
    images: [
      { image: inside.id, labelFile: labelFile.id, split: 'training' },
      { image: outside.id, page: 3, labelFile: undefined, split: 'validation' },
    ],
  })
  expect(id).toMatch(/^\d{4}-\d\d-\d\d-[0-9a-f]{4}$/)
  expect(experiments.get(id)).toMatchObject({
    id,
    status: 'queued',
    seed: 7,
    plan: examplePlan,
    parameters: experiment.parameters,
    versions: experiment.versions,
    engine: experiment.engine,
    started: undefined,
    failure: undefined,
  })

  images.saveLabels(inside.id, { ...labels, fingerprint: 'sha256:repainted' })
  images.move(outside.id, '/elsewhere/b.tif')
  expect(experiments.images(id)).toEqual([
    {
      image: inside.id,
      page: 0,
      path: join(folder, 'images', 'a.tif'),
      split: 'training',
      imageFingerprint: 'sha256:a',
      labelFile: labelFile.id,
      labelPath: '/data/labels/a.tif',
      labelValues: 'zero-unlabelled',
      labelFingerprint: 'sha256:l',
    },
    {
      image: outside.id,
      page: 3,
      path: '/elsewhere/b.tif',
      split: 'validation',
      imageFingerprint: 'sha256:b',
      labelFile: undefined,
      labelPath: undefined,
      labelValues: undefined,
      labelFingerprint: undefined,
    },
  ])
  expect(connection.prepare('SELECT path FROM images ORDER BY id').all()).toEqual([
    { path: 'images/a.tif' },
    { path: '/elsewhere/b.tif' },
  ])
})

test('an experiment goes from queued through running to its end, fails with its reason, and starts again', () => {
  const { folder, connection } = newDatabase()
  const experiments = new ExperimentRepository(connection, folder)
  const id = experiments.create(experiment)
  experiments.start(id)
  const { started } = experiments.get(id)
  expect(started).toBeDefined()
  experiments.fail(id, 'The loss is not a number since step 12.')
  expect(experiments.get(id)).toMatchObject({
    status: 'failed',
    failure: 'The loss is not a number since step 12.',
  })
  experiments.start(id)
  experiments.replacePlan(id, { ...examplePlan, steps: 1234 })
  expect(experiments.get(id)).toMatchObject({
    status: 'running',
    started,
    ended: undefined,
    failure: undefined,
  })
  const other = experiments.create(experiment)
  experiments.interruptRunning()
  expect(experiments.list().map(({ status }) => status)).toEqual(['interrupted', 'queued'])
  experiments.start(id)
  experiments.end(id, 'stopped')
  expect(experiments.get(id)).toMatchObject({ status: 'stopped', plan: { steps: 1234 } })
  expect(() => experiments.get('2020-01-01-0000')).toThrow(
    expect.objectContaining({
      code: 'experiment-not-found',
      remedy: expect.stringContaining(other) as string,
    }) as Error,
  )
})

test('nothing of an experiment is kept when one of its images is unknown or a label file is of another image', () => {
  const { folder, connection } = newDatabase()
  const images = new ImageRepository(connection, folder)
  const experiments = new ExperimentRepository(connection, folder)
  const first = images.save({ ...image, path: '/data/a.tif' })
  const second = images.save({ ...image, path: '/data/b.tif' })
  const labels = images.saveLabels(first.id, {
    path: '/data/a.png',
    labelValues: 'binary',
    fingerprint: 'sha256:l',
  })
  for (const wrong of [
    { image: 99, labelFile: undefined },
    { image: second.id, labelFile: labels.id },
  ]) {
    const used = { image: first.id, labelFile: labels.id, split: 'training' } as const
    expect(() =>
      experiments.create({ ...experiment, images: [used, { ...wrong, split: 'training' }] }),
    ).toThrow(/constraint failed/)
  }
  expect(experiments.list()).toEqual([])
})

test('learning curves keep what is not a number, and a resumed experiment writes over what it does again', () => {
  const { folder, connection } = newDatabase()
  const metrics = new MetricsRepository(connection)
  const id = new ExperimentRepository(connection, folder).create(experiment)
  const step = (number: number, loss: number) => ({
    step: number,
    loss,
    gradientNorm: 0.1 + number,
    learningRate: 0.001,
    milliseconds: 250.5,
    waitedMilliseconds: 0.25,
  })
  const validation = (number: number, best: boolean) => ({
    step: number,
    loss: 0.5,
    scores: { dice: [0.99, NaN, 0.25], iou: [0.98, NaN, 0.125] },
    best,
  })
  metrics.addSteps(id, [step(1, 2), step(2, 1.5), step(3, NaN), step(4, Infinity)])
  metrics.addValidation(id, validation(2, true))
  metrics.addValidation(id, validation(4, false))
  expect(metrics.steps(id)).toEqual([step(1, 2), step(2, 1.5), step(3, NaN), step(4, Infinity)])
  expect(metrics.validations(id)).toEqual([validation(2, true), validation(4, false)])

  metrics.deleteAfter(id, 2)
  metrics.addSteps(id, [step(3, 1.25)])
  metrics.addValidation(id, { ...validation(2, false), scores: { dice: [1, 1, 1], iou: [1, 1, 1] } })
  expect(metrics.steps(id)).toEqual([step(1, 2), step(2, 1.5), step(3, 1.25)])
  expect(metrics.validations(id)).toEqual([
    { ...validation(2, false), scores: { dice: [1, 1, 1], iou: [1, 1, 1] } },
  ])
})

test('a batch of steps is kept whole or not at all', () => {
  const { folder, connection } = newDatabase()
  const metrics = new MetricsRepository(connection)
  const id = new ExperimentRepository(connection, folder).create(experiment)
  const step = {
    step: 1,
    loss: 1,
    gradientNorm: 1,
    learningRate: 0.001,
    milliseconds: 1,
    waitedMilliseconds: 0,
  }
  expect(() => {
    metrics.addSteps(id, [step, { ...step, step: 2, learningRate: NaN }])
  }).toThrow(/NOT NULL/)
  expect(metrics.steps(id)).toEqual([])
})

test('a better checkpoint replaces the best one and keeps what the user wrote on it', () => {
  const { folder, connection } = newDatabase()
  const checkpoints = new CheckpointRepository(connection, folder)
  const experimentId = new ExperimentRepository(connection, folder).create(experiment)
  const file = join(folder, 'checkpoints', `${experimentId}-best.safetensors`)
  const first = { file, step: 50, scores: { dice: [0.9, NaN], iou: [0.8, NaN] }, bytes: 41_000_000 }
  const id = checkpoints.saveTrained(experimentId, 'best', first)
  expect(id).toBe(`${experimentId}-best`)
  const annotation = { name: 'plates', starred: true, note: 'for the paper' }
  checkpoints.annotate(id, annotation)
  const second = { file, step: 100, scores: undefined, bytes: 41_000_001 }
  checkpoints.saveTrained(experimentId, 'best', second)
  expect(checkpoints.all()).toMatchObject([
    { ...second, ...annotation, id, experiment: experimentId, kind: 'best' },
  ])
  checkpoints.saveTrained(experimentId, 'best', first)
  expect(checkpoints.find(id)?.scores).toEqual(first.scores)

  const last = checkpoints.saveTrained(experimentId, 'last', { ...first, file: join(folder, 'last') })
  checkpoints.saveImported('from-lab-3', { ...first, file: '/models/lab-3.safetensors' })
  expect(checkpoints.find('from-lab-3')).toMatchObject({
    experiment: undefined,
    kind: 'imported',
    file: '/models/lab-3.safetensors',
    starred: false,
  })
  // The best is what a person is after, though the last is written later.
  expect(checkpoints.all().map((each) => each.id)).toEqual(['from-lab-3', id, last])
})

test('a job with the same specification goes on where it stopped; another one starts anew', () => {
  const { connection } = newDatabase()
  const jobs = new JobRepository(connection)
  const specification = { images: '/data', checkpoint: 'sha256:c', flips: true }
  const job = jobs.start('segmentation', specification, ['a.tif', 'b.tif', 'c.tif'])
  jobs.recordOutcomes(job, [
    { file: 'a.tif', status: 'done', output: '/out/a.tif' },
    { file: 'b.tif', status: 'failed', error: 'b.tif is cut short' },
  ])
  expect(jobs.all()).toMatchObject([
    { id: job, status: 'running', specification, waiting: 1, done: 1, failed: 1 },
  ])
  jobs.interruptRunning()
  expect(jobs.all()).toMatchObject([{ status: 'interrupted' }])

  const again = { flips: true, checkpoint: 'sha256:c', images: '/data' }
  expect(jobs.start('segmentation', again, ['a.tif', 'b.tif', 'c.tif', 'd.tif'])).toBe(job)
  expect(jobs.items(job)).toEqual([
    { file: 'a.tif', status: 'done', error: undefined, output: '/out/a.tif' },
    ...['b.tif', 'c.tif', 'd.tif'].map((file) => ({
      file,
      status: 'waiting',
      error: undefined,
      output: undefined,
    })),
  ])
  jobs.recordOutcomes(job, [{ file: 'a.tif', status: 'waiting' }])
  jobs.fail(job, 'The disk is full.')
  expect(jobs.all()).toMatchObject([{ status: 'failed', error: 'The disk is full.', waiting: 4, done: 0 }])

  const other = jobs.start('segmentation', { ...specification, flips: false }, [])
  expect(other).not.toBe(job)
  jobs.end(other, 'finished')
  expect(jobs.all()).toMatchObject([{ id: job }, { id: other, status: 'finished', waiting: 0, done: 0 }])
})
