import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultEngine } from '../../model/engine/engines.ts'
import { CancelledError } from '../../model/errors.ts'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import { measurementsHeading, measurementsRows } from '../../model/prediction/measurements-csv.ts'
import type { Scores } from '../../model/training/events.ts'
import { readCheckpoint } from '../../model/weights/checkpoint.ts'
import type { GrowthSeries } from '../report/report-data.ts'
import { writeReport } from '../report/write-report.ts'
import { findCheckpointFile } from '../services/checkpoints.ts'
import { segmentWithCheckpoint } from '../services/segment-with-checkpoint.ts'
import type { Project } from '../services/project.ts'
import type { SegmentationSummary } from '../services/segmentation-events.ts'
import { STARTING_NETWORK } from '../services/starting-network.ts'
import type { TrainingNews } from '../services/training-news.ts'
import type { TrainingOutcome } from '../services/training-record.ts'
import { trainExperiment } from '../services/training.ts'
import type { Reporter } from '../terminal/reporter.ts'
import { shellWord } from '../terminal/shell-word.ts'
import { colonyGrowth, demoReport } from './demo-report.ts'
import { type Examination, examineResults } from './examine-results.ts'
import { writeLearningCurve } from './learning-curve.ts'
import { nextSteps, type NextStep, shortPath } from './next-steps.ts'
import { PhaseProgress } from './phase-progress.ts'
import { SAMPLE_FRAMES } from './sample-images.ts'
import { type SampleProject, writeSampleProject } from './write-sample-project.ts'

export interface DemoRequest {
  training: { minutes: number } | { steps: number }
  /** Height and width of the sample images; SAMPLE_SIZE where undefined. */
  sampleSize?: number
  signal: AbortSignal
}

/** What is told on the way. */
export type DemoReporter = Pick<Reporter, 'progress' | 'info' | 'warn' | 'failed'>

/** What a demo has made, and how good it is. Paths are absolute. */
export interface DemoResult {
  outcome: TrainingOutcome
  classNames: readonly string[]
  /** Of the masks, on frames of fields that training never saw. */
  scores: Scores
  images: { segmented: number; compared: number }
  objects: number
  growth: GrowthSeries[]
  files: ResultFiles
  nextSteps: NextStep[]
  seconds: { phase: string; seconds: number }[]
}

interface ResultFiles {
  folder: string
  masks: string
  overlays: string
  measurements: string
  learningCurve: string
  report: string
}

/** The same images and the same start each time: who changes a label sees what that changes. */
const seed = 1

interface WrittenResults {
  samples: SampleProject
  outcome: TrainingOutcome
  files: ResultFiles
  failures: SegmentationSummary['failed']
  examination: Examination
  steps: NextStep[]
}

interface DemoContext {
  project: Project
  reporter: DemoReporter
  progress: PhaseProgress
  signal: AbortSignal
}

/**
 * The whole way on sample images: makes them in the project's folder (those that are there are kept), trains on strokes,
 * segments all of them, measures, compares with the truth, and leaves all that in `results/EXPERIMENT`.
 * @throws SegscopeError as the steps do; CancelledError, whose message says what is kept
 */
export async function runDemo(
  project: Project,
  { training, sampleSize, signal }: DemoRequest,
  reporter: DemoReporter,
): Promise<DemoResult> {
  const trainingSeconds = 'minutes' in training ? 60 * training.minutes : training.steps
  const progress = new PhaseProgress(
    [
      { label: 'making sample images', seconds: 5 },
      { label: 'looking at images and labels', seconds: 6 },
      { label: 'training', seconds: trainingSeconds },
      { label: 'segmenting', seconds: 12 },
      { label: 'measuring and drawing', seconds: 6 },
    ],
    reporter,
  )
  const context = { project, reporter, progress, signal }
  const samples = await makeSamples(context, sampleSize)
  const outcome = await trainOnSamples(context, samples, training)
  const files = await nameResults(project, outcome.experiment)
  const failures = await segmentSamples(context, samples, outcome, files)
  const examination = await examineSamples(context, samples, failures, files)
  const steps = nextSteps(project.folder, outcome.checkpoint, samples)
  await writeResults(context, { samples, outcome, files, failures, examination, steps })
  return {
    outcome,
    classNames: samples.classNames,
    scores: examination.scores,
    images: {
      segmented: examination.frames.length,
      compared: examination.frames.filter(({ role }) => role === 'held out').length,
    },
    objects: examination.frames.reduce((sum, { objects }) => sum + objects.length, 0),
    growth: colonyGrowth(examination.frames),
    files,
    nextSteps: steps,
    seconds: progress.end(),
  }
}

async function makeSamples(
  { project, reporter, progress, signal }: DemoContext,
  size: number | undefined,
): Promise<SampleProject> {
  progress.next()
  const samples = await writeSampleProject(project.folder, {
    seed,
    size,
    onFrame: (written) => progress.within(written / SAMPLE_FRAMES),
    signal,
  })
  const labelled = samples.frames.filter(({ role }) => role === 'labelled').length
  reporter.info(
    `${samples.frames.length} sample images of growing yeast colonies (16-bit TIFF) in ${shortPath(samples.imagesFolder)}; ${labelled} of them have a few strokes of labels.`,
  )
  return samples
}

async function trainOnSamples(
  { project, reporter, progress, signal }: DemoContext,
  { imagesFolder, labelsFolder, classNames }: SampleProject,
  training: DemoRequest['training'],
): Promise<TrainingOutcome> {
  progress.next()
  const tell = (news: TrainingNews): void => {
    switch (news.kind) {
      case 'reading':
        progress.within((0.5 * news.done) / news.total)
        break
      case 'finding':
        // That most images have no labels is the point of the demo.
        if (news.finding.code !== 'images-without-labels')
          reporter.warn(`${news.finding.message} ${news.finding.remedy}`)
        break
      case 'plan':
        reporter.info(
          `Training ${news.plan.steps} steps on strokes, as experiment ${news.experiment}. The report gives each setting's reason.`,
        )
        break
      case 'started':
        progress.next()
        break
      case 'step':
        progress.within(news.step / news.steps, `step ${news.step} of ${news.steps}`)
        break
      case 'validation':
        reporter.info(`Step ${news.step}: ${describeValidation(news.scores, classNames)}`)
        break
      case 'data':
      case 'checkpoint':
      case 'finished':
        break
    }
  }
  const outcome = await trainExperiment(
    project,
    {
      imagesFolder,
      labelsFolder,
      labelValues: 'classes',
      classNames,
      ...training,
      seed,
      weights: STARTING_NETWORK,
      freezeEncoder: false,
      signal,
    },
    tell,
  )
  if (outcome.reason === 'stopped') {
    throw new CancelledError(
      `Stopped at step ${outcome.step}. The training is kept; go on with it: npx segscope train --project ${shellWord(shortPath(project.folder))} --resume ${outcome.experiment}`,
    )
  }
  return outcome
}

async function nameResults(project: Project, experiment: string): Promise<ResultFiles> {
  const folder = join(project.resultsFolder, experiment)
  await mkdir(folder, { recursive: true })
  return {
    folder,
    masks: join(folder, 'masks'),
    overlays: join(folder, 'overlays'),
    measurements: join(folder, 'measurements.csv'),
    learningCurve: join(folder, 'learning_curve.csv'),
    report: join(folder, 'report.html'),
  }
}

/** 'Dice of colony 0.912, debris or plate edge 0.850 on the images set aside' */
function describeValidation({ dice }: Scores, classNames: readonly string[]): string {
  const found = classNames
    .flatMap((name, value) => (value === 0 ? [] : `${name} ${(dice[value] ?? NaN).toFixed(3)}`))
    .join(', ')
  return `Dice of ${found} on the labels set aside`
}

/** @returns the files that could not be segmented */
async function segmentSamples(
  { project, reporter, progress, signal }: DemoContext,
  { imagesFolder, frames }: SampleProject,
  { checkpoint }: TrainingOutcome,
  { masks }: ResultFiles,
): Promise<SegmentationSummary['failed']> {
  progress.next()
  const { failed } = await segmentWithCheckpoint({
    images: frames.map(({ name }) => join(imagesFolder, `${name}.tif`)),
    imagesFolder,
    outFolder: masks,
    checkpoint: await readCheckpoint(findCheckpointFile(checkpoint, project)),
    engine: defaultEngine,
    probabilities: false,
    flips: false,
    overwrite: false,
    signal,
    onEvent: (event) => {
      if (event.kind === 'progress') progress.within(event.fraction, undefined, event.remainingSeconds)
      else if (event.kind === 'failed') reporter.failed(event.file, event.error)
    },
  })
  return failed
}

async function examineSamples(
  { progress, signal }: DemoContext,
  samples: SampleProject,
  failures: SegmentationSummary['failed'],
  { masks, overlays }: ResultFiles,
): Promise<Examination> {
  progress.next()
  const failed = new Set(failures.map(({ file }) => file))
  const frames = samples.frames.filter(({ name }) => !failed.has(`${name}.tif`))
  return examineResults(
    samples,
    frames,
    { masksFolder: masks, overlaysFolder: overlays },
    // The tables and the report are still to come.
    (done) => progress.within((0.9 * done) / frames.length),
    signal,
  )
}

/** The tables and the report. */
async function writeResults(
  { project }: DemoContext,
  { samples, outcome, files, failures, examination, steps }: WrittenResults,
): Promise<void> {
  const { classNames } = samples
  const curve = {
    steps: project.metrics.steps(outcome.experiment),
    validations: project.metrics.validations(outcome.experiment),
  }
  await writeLearningCurve(files.learningCurve, curve.steps, curve.validations, classNames)
  const table = [
    measurementsHeading(1),
    ...examination.frames.map((frame) =>
      measurementsRows({ ...frame, name: `${frame.name}.tif`, page: 0 }, classNames),
    ),
  ]
  await writeFileAtomically(files.measurements, [new TextEncoder().encode(table.join(''))])
  const used = project.experiments.images(outcome.experiment)
  await writeReport(
    files.folder,
    demoReport({
      experiment: project.experiments.get(outcome.experiment),
      outcome,
      images: {
        training: used.filter(({ split }) => split === 'training').length,
        validation: used.filter(({ split }) => split === 'validation').length,
      },
      ...curve,
      examination,
      failures: failures.map(({ file, error }) => ({ file, reason: error })),
      nextSteps: steps,
    }),
  )
}
