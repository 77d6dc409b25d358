import type { Plan } from '../../model/plan/plan.ts'
import type { Scores } from '../../model/training/events.ts'

/** All that a report says. Paths are relative to the report's folder, with `/` between folders. */
export interface ReportData {
  title: string
  created: Date
  /** Names by class value; 0 is the background. */
  classNames: readonly string[]
  /** Agreement on images that training never saw; undefined where there were none to compare with. */
  evaluation: { scores: Scores; images: number; description: string } | undefined
  training: TrainingReport
  gallery: readonly GalleryItem[]
  measurements: MeasurementsReport | undefined
  decisions: Plan['decisions']
  /** Files that could not be used, and why. */
  failures: readonly { file: string; reason: string }[]
  /** What the run needs to be repeated: seed, engine, versions. */
  settings: readonly { name: string; value: string }[]
  nextSteps: readonly { purpose: string; command: string }[]
}

export interface TrainingReport {
  images: number
  validationImages: number
  minutes: number
  losses: readonly { step: number; loss: number }[]
  validations: readonly { step: number; scores: Scores }[]
  /** The step whose weights were kept. */
  bestStep: number
  /** Why training ended, as in TrainingEvent: 'all steps done', ... */
  ended: string
}

export interface GalleryItem {
  name: string
  /** PNG files. */
  image: string
  prediction: string
  /** What is really there, where it is known. */
  truth: string | undefined
}

export interface MeasurementsReport {
  csvFile: string
  images: number
  /** Smaller objects are in the table, but not in `classes` and `growth`; undefined where all are. */
  smallestCounted: { area: number; unit: AreaUnit } | undefined
  classes: readonly ClassSummary[]
  /** How the objects of one class change over time, a line a field; undefined where the images are no time-lapse. */
  growth: { className: string; unit: AreaUnit; fields: readonly GrowthSeries[] } | undefined
}

export type AreaUnit = 'µm²' | 'px'

export interface ClassSummary {
  classValue: number
  objects: number
  medianArea: number
  totalArea: number
  unit: AreaUnit
}

export interface GrowthSeries {
  name: string
  /** One a picture, in the order of time. */
  points: readonly { hour: number; objects: number; area: number }[]
}
