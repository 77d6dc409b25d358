import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { registerImages } from '../../../src/main/services/image-registry.ts'
import { openOrCreateProject, type Project } from '../../../src/main/services/project.ts'
import type { TrainingOutcome } from '../../../src/main/services/training-record.ts'
import { jobOfExperiment } from '../../../src/main/services/experiments.ts'
import { PreviewPart } from '../../../src/main/services/preview-part.ts'
import type { TrainingNews } from '../../../src/main/services/training-news.ts'
import { type TrainingPreview, TrainingPreviewer } from '../../../src/main/services/training-previewer.ts'
import { runTraining, scoredImages } from '../../../src/main/services/training-run.ts'
import { stateFileOf } from '../../../src/main/services/state-file.ts'
import { resumeExperiment } from '../../../src/main/services/training.ts'
import { defaultEngine, loadEngine } from '../../../src/model/engine/engines.ts'
import { buildNetwork } from '../../../src/model/network/unet.ts'
import type { Plan } from '../../../src/model/plan/plan.ts'
import { chooseTiling, predictImage, prepareImage } from '../../../src/model/prediction/predict-image.ts'
import { readCheckpoint } from '../../../src/model/weights/checkpoint.ts'
import type { NamedTensors } from '../../../src/model/weights/tensor.ts'
import { readTrainingState } from '../../../src/model/weights/training-state.ts'
import { fullAugmentation, planWith } from '../../model/training/fixtures.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { imageNames, type LabelledFolders, writeLabelledImages } from '../labelled-images.ts'

/** Small and quick, with all that has a state: dropout, augmentation, a moving average, validation. */
const plan = planWith({
  network: {
    encoder: 'mobilenet-v2',
    alpha: 0.35,
    decoder: 'slim',
    inputChannels: 1,
    classes: 3,
    dropout: 0.5,
  },
  classNames: ['ground', 'disc', 'rim'],
  normalisation: { channels: [{ low: 500, high: 3500 }], scope: 'data set' },
  patchSize: 32,
  batchSize: 4,
  augmentation: fullAugmentation,
  steps: 16,
  schedule: { peakLearningRate: 2e-3, warmUpSteps: 4 },
  averageDecay: 0.9,
  validation: { everySteps: 7, patience: 5 },
})

let folder: string
let folders: LabelledFolders
beforeEach(() => {
  folder = temporaryFolder()
  folders = writeLabelledImages(folder)
})

async function newProject(name: string): Promise<Project> {
  const project = await openOrCreateProject(join(folder, name), { door: 'command line' })
  onTestFinished(() => {
    project.close()
  })
  return project
}

/** An experiment on all images but the last two, which are held out; it has not begun. */
async function queueExperiment(project: Project, changes: Partial<Plan> = {}): Promise<string> {
  const images = []
  for (const name of imageNames) {
    const source = await openImage(join(folders.images, `${name}.png`))
    await source.close()
    const labels = { path: join(folders.labels, `${name}.png`), labelValues: 'classes' } as const
    images.push({ path: source.path, info: source.info, labels })
  }
  const registered = await registerImages(project, images)
  return project.experiments.create({
    plan: { ...plan, ...changes },
    parameters: {},
    versions: {},
    engine: (await loadEngine(defaultEngine)).describe(),
    images: registered.map(({ image, labels }, index) => ({
      image: image.id,
      labelFile: labels?.id,
      split: index < imageNames.length - 2 ? 'training' : 'validation',
    })),
  })
}

interface Watched {
  outcome: TrainingOutcome
  losses: [step: number, loss: number][]
  validations: [step: number, loss: number, dice: number[]][]
}

/** Runs or goes on with an experiment, and stops it after a step. */
async function run(project: Project, experiment: string, stopAfter = Infinity): Promise<Watched> {
  const controller = new AbortController()
  const losses: Watched['losses'] = []
  const validations: Watched['validations'] = []
  const outcome = await resumeExperiment(
    project,
    experiment,
    (event) => {
      if (event.kind === 'step') {
        losses.push([event.step, event.loss])
        if (event.step === stopAfter) controller.abort()
      }
      if (event.kind === 'validation') validations.push([event.step, event.loss, event.scores.dice])
    },
    controller.signal,
  )
  return { outcome, losses, validations }
}

function digest(weights: NamedTensors): string {
  const hash = createHash('sha256')
  for (const [name, { data }] of weights) hash.update(name).update(data)
  return hash.digest('hex')
}

/** All that a run leaves: the last state with its moments, and the weights of both checkpoints. */
async function leftBy(project: Project, experiment: string): Promise<Record<string, unknown>> {
  const saved = await readTrainingState(
    stateFileOf(project.checkpointsFolder, experiment),
    buildNetwork(plan.network),
  )
  const weightsOf = async (kind: 'best' | 'last'): Promise<string> => {
    const file = project.checkpoints.find(`${experiment}-${kind}`)?.file as string
    return digest((await readCheckpoint(file)).weights)
  }
  return {
    step: saved.state.step,
    weights: digest(saved.state.weights),
    firstMoments: digest(saved.state.firstMoments),
    secondMoments: digest(saved.state.secondMoments),
    average: digest(saved.extra['average'] as NamedTensors),
    loop: saved.loop,
    best: await weightsOf('best'),
    last: await weightsOf('last'),
  }
}

describe('a run that is stopped and goes on', () => {
  test('gives the losses, scores and weights of one never stopped, bit by bit', async () => {
    const straight = await newProject('straight')
    const straightExperiment = await queueExperiment(straight)
    const expected = await run(straight, straightExperiment)
    expect(expected.outcome).toMatchObject({ reason: 'all steps done', step: 16, scoredOnTraining: false })
    expect(expected.losses.map(([step]) => step)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1))
    expect(expected.validations.map(([step]) => step)).toEqual([7, 14, 16])

    const stopped = await newProject('stopped')
    const experiment = await queueExperiment(stopped)
    const parts: Watched[] = []
    // Steps that were begun in one go are done: before the first average and validation, as one is due, between two; after
    // the last step, before its validation.
    for (const { stop, end } of [
      { stop: 3, end: 5 },
      { stop: 7, end: 7 },
      { stop: 15, end: 15 },
      { stop: 16, end: 16 },
    ]) {
      parts.push(await run(stopped, experiment, stop))
      expect(parts.at(-1)?.outcome).toMatchObject({ reason: 'stopped', step: end })
      expect(stopped.experiments.get(experiment).status).toBe('stopped')
    }
    parts.push(await run(stopped, experiment))
    expect(parts.at(-1)?.outcome).toMatchObject({ reason: 'all steps done', step: 16 })
    expect(parts.flatMap(({ losses }) => losses)).toEqual(expected.losses)
    expect(parts.flatMap(({ validations }) => validations)).toEqual(expected.validations)
    expect(await leftBy(stopped, experiment)).toEqual(await leftBy(straight, straightExperiment))
    expect(stopped.metrics.steps(experiment).map(({ loss }) => loss)).toEqual(
      straight.metrics.steps(straightExperiment).map(({ loss }) => loss),
    )
    await expect(run(stopped, experiment)).rejects.toMatchObject({ code: 'experiment-finished' })
  })
})

test('looking at what is learnt shows what the network predicts, and changes nothing of the run', async () => {
  const unwatched = await newProject('unwatched')
  const { losses } = await run(unwatched, await queueExperiment(unwatched))
  const project = await newProject('watched')
  const experiment = await queueExperiment(project)
  const job = jobOfExperiment(project, experiment)
  const [first, second] = scoredImages(job).map(({ path }) => path) as [string, string]
  const previews: TrainingPreview[] = []
  const previewer = new TrainingPreviewer(buildNetwork(plan.network), plan, [first, second], (preview) => {
    previews.push(preview)
    previewer.choose(second)
  })
  const watchedLosses: [number, number][] = []
  const tell = (news: TrainingNews): void => {
    if (news.kind === 'step') watchedLosses.push([news.step, news.loss])
  }
  await runTraining(job, tell, new AbortController().signal, undefined, previewer)
  expect(watchedLosses).toEqual(losses)
  // A validation shows the image that was wanted then; who chooses another sees it after the next few steps.
  expect(previews.slice(0, 2)).toMatchObject([
    { path: first, step: 7 },
    { path: second, step: 10 },
  ])
  const last = previews.at(-1) as TrainingPreview
  expect(last).toMatchObject({ path: second, step: 16, x: 0, y: 0, width: 64, height: 64 })
  expect(previews.filter(({ step }) => step === 16)).toHaveLength(1)

  const { network, weights } = await readCheckpoint(
    join(project.checkpointsFolder, `${experiment}-last.safetensors`),
  )
  const engine = await loadEngine(defaultEngine)
  const predictor = await engine.createPredictor(network, weights, { output: 'probabilities' })
  const source = await openImage(second)
  onTestFinished(async () => {
    await source.close()
    await predictor.dispose()
  })
  const { normalisation, imageScale } = plan
  const settings = { network, normalisation, imageScale, tiling: chooseTiling(2 ** 30) }
  for await (const { labels, probabilities = [] } of predictImage(
    predictor,
    await prepareImage(source, 0, settings),
    { flips: false, probabilities: true },
  )) {
    expect(last.classes).toEqual(labels)
    const uncertain = [...labels].map((label, at) =>
      Math.round(255 * (1 - (probabilities[label]?.[at] ?? 0))),
    )
    expect([...last.uncertainty]).toEqual(uncertain)
  }
})

test('of a large image the middle is kept, as it came by bands', () => {
  const image = { width: 5001, height: 4099 }
  const part = new PreviewPart(image)
  for (let y = 0; y < image.height; y += 1000) {
    const height = Math.min(1000, image.height - y)
    const labels = Uint8Array.from({ length: height * image.width }, (_, at) => {
      const [row, column] = [y + Math.floor(at / image.width), at % image.width]
      return (row * 7 + column) % 251
    })
    part.add({ y, height, labels, probabilities: [] })
  }
  const { x, y, width, height, classes } = part.region
  expect({ x, y, width, height }).toEqual({ x: 452, y: 1, width: 4096, height: 4096 })
  for (const [column, row] of [
    [0, 0],
    [4095, 0],
    [17, 2500],
    [4095, 4095],
  ] as const) {
    expect(classes[row * width + column]).toBe(((y + row) * 7 + x + column) % 251)
  }
})

describe('a run that diverges', () => {
  test('stops with the reason, keeps its last good state, and can be looked at', async () => {
    const project = await newProject('diverging')
    const experiment = await queueExperiment(project, {
      schedule: { peakLearningRate: 1e6, warmUpSteps: 22 },
      optimiser: { ...plan.optimiser, clipNorm: 1e30, weightDecay: 0.1 },
      steps: 400,
      validation: { everySteps: 1, patience: 400 },
    })
    await expect(run(project, experiment)).rejects.toMatchObject({
      code: 'training-diverged',
      message: expect.stringMatching(/step \d+/) as string,
    })
    expect(project.experiments.get(experiment)).toMatchObject({
      status: 'failed',
      failure: expect.stringContaining('diverged') as string,
    })
    const saved = await readTrainingState(
      stateFileOf(project.checkpointsFolder, experiment),
      buildNetwork(plan.network),
    )
    expect(saved.state.step).toBeGreaterThan(0)
    const best = project.checkpoints.find(`${experiment}-best`)
    expect((await readCheckpoint(best?.file as string)).header.scores).toBeDefined()
  })
})
