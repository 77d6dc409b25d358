import type { Experiment } from '../database/repositories/experiments.ts'
import type { ValidationMetrics, StepMetrics } from '../database/repositories/metrics.ts'
import type { ClassSummary, GrowthSeries, ReportData } from '../report/report-data.ts'
import { counted } from '../report/report-words.ts'
import type { TrainingOutcome } from '../services/training-record.ts'
import type { ExaminedFrame, Examination } from './examine-results.ts'
import type { NextStep } from './next-steps.ts'
import { SAMPLE_CLASSES } from './scene.ts'

/** Of the frames that training never saw, those that the page shows: an early, a middle and the latest one a field. */
const shownHours: readonly number[] = [2, 6, 10]
/** In µm². A yeast cell alone has 26: what is smaller than this is a speck. */
const smallestCounted = 10
const colony = SAMPLE_CLASSES.indexOf('colony')

export interface DemoFindings {
  experiment: Experiment
  outcome: TrainingOutcome
  images: { training: number; validation: number }
  steps: readonly StepMetrics[]
  validations: readonly ValidationMetrics[]
  examination: Examination
  failures: readonly { file: string; reason: string }[]
  nextSteps: readonly NextStep[]
}

/** What the demo's report says. Its pictures are in `overlays`, its table is `measurements.csv`. */
export function demoReport(findings: DemoFindings): ReportData {
  const { experiment, outcome, images, examination, failures, nextSteps } = findings
  const { plan, engine, versions } = experiment
  const heldOut = examination.frames.filter(({ role }) => role === 'held out')
  return {
    title: 'Yeast microcolonies on a plate',
    created: new Date(),
    classNames: plan.classNames,
    evaluation: {
      scores: examination.scores,
      images: heldOut.length,
      description: `${fieldNames(heldOut)} took no part in training; every pixel of them is compared with the truth.`,
    },
    training: {
      images: images.training + images.validation,
      validationImages: images.validation,
      minutes: (Date.parse(experiment.ended ?? '') - Date.parse(experiment.started ?? '')) / 60_000,
      losses: findings.steps,
      validations: findings.validations,
      bestStep: findings.validations.findLast(({ best }) => best)?.step ?? outcome.step,
      ended: outcome.reason,
    },
    gallery: heldOut
      .filter(({ hour }) => shownHours.includes(hour))
      .map(({ name }) => ({
        name: `${name}.tif`,
        image: `overlays/${name}_image.png`,
        prediction: `overlays/${name}.png`,
        truth: `overlays/${name}_truth.png`,
      })),
    measurements: {
      csvFile: 'measurements.csv',
      images: examination.frames.length,
      smallestCounted: { area: smallestCounted, unit: 'µm²' },
      classes: plan.classNames.flatMap((_, value) =>
        value === 0 ? [] : summarise(value, examination.frames),
      ),
      growth: { className: 'colony', unit: 'µm²', fields: colonyGrowth(examination.frames) },
    },
    decisions: plan.decisions,
    failures,
    settings: [
      { name: 'Experiment', value: experiment.id },
      { name: 'Checkpoint', value: outcome.checkpoint },
      { name: 'Seed', value: String(plan.seed) },
      { name: 'Steps', value: `${outcome.step} of ${plan.steps}` },
      {
        name: 'Engine',
        value: `${engine.name} ${engine.version} on ${engine.device}, ${counted(engine.threads, 'thread')}`,
      },
      { name: 'Segscope', value: versions['segscope'] ?? '' },
      { name: 'Node', value: versions['node'] ?? '' },
    ],
    nextSteps,
  }
}

/** Number and total area of the colonies in each field over time. */
export function colonyGrowth(frames: readonly ExaminedFrame[]): GrowthSeries[] {
  return [...Map.groupBy(frames, ({ field }) => field)].map(([field, ofField]) => ({
    name: `Field ${field}`,
    points: ofField.map((frame) => {
      const areas = areasOf(colony, [frame])
      return { hour: frame.hour, objects: areas.length, area: sum(areas) }
    }),
  }))
}

function summarise(classValue: number, frames: readonly ExaminedFrame[]): ClassSummary {
  const areas = areasOf(classValue, frames).sort((one, other) => one - other)
  return {
    classValue,
    objects: areas.length,
    medianArea: areas[areas.length >> 1] ?? NaN,
    totalArea: sum(areas),
    unit: 'µm²',
  }
}

/** Of the objects that count, in µm²: the samples state their pixel size. */
function areasOf(classValue: number, frames: readonly ExaminedFrame[]): number[] {
  return frames.flatMap(({ objects, pixelSize }) =>
    objects
      .filter((object) => object.classValue === classValue)
      .map(({ area }) => area * (pixelSize?.x ?? NaN) * (pixelSize?.y ?? NaN))
      .filter((area) => area >= smallestCounted),
  )
}

/** 'Fields D and E' */
function fieldNames(frames: readonly ExaminedFrame[]): string {
  const names = [...new Set(frames.map(({ field }) => field))]
  return `Field${names.length === 1 ? '' : 's'} ${new Intl.ListFormat('en-GB').format(names)}`
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
