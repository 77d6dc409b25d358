import { existsSync } from 'node:fs'
import type { Scores } from '../../model/training/events.ts'
import type {
  Checkpoint,
  Curves,
  ExperimentDetails,
  ExperimentRow,
} from '../../preload/contract/experiments.ts'
import type { CheckpointRecord } from '../database/repositories/checkpoints.ts'
import { type TrainingWishes, trainingWishesSchema } from '../../preload/contract/training.ts'
import type { Experiment, ExperimentSummary } from '../database/repositories/experiments.ts'
import { checkpointClasses } from './checkpoint-classes.ts'
import type { Project } from './project.ts'
import { STARTING_NETWORK } from './starting-network.ts'
import { stateFileOf } from './state-file.ts'

/** Experiments as lists and pages show them, newest first. */
export function experimentRows(project: Project): ExperimentRow[] {
  return project.experiments
    .list()
    .map((summary) => experimentRow(project, summary))
    .reverse()
}

/** @throws SegscopeError `experiment-not-found` */
export function experimentDetails(project: Project, id: string): ExperimentDetails {
  const experiment = project.experiments.get(id)
  return {
    ...experimentRow(project, experiment),
    seed: experiment.seed,
    engine: `${experiment.engine.name} ${experiment.engine.version}, ${experiment.engine.device}`,
    versions: experiment.versions,
    wishes: wishesOf(project, experiment),
    decisions: Object.entries(experiment.plan.decisions).map(([topic, words]) => ({ topic, ...words })),
    data: project.experiments
      .images(id)
      .map(({ image, page, path, split }) => ({ image, page, path, split })),
  }
}

/**
 * What has been measured after a step, to draw curves that grow.
 * @throws SegscopeError `experiment-not-found`
 */
export function experimentCurves(project: Project, id: string, afterStep: number): Curves {
  const { plan } = project.experiments.get(id)
  return {
    classNames: plan.classNames,
    steps: project.metrics
      .steps(id, afterStep)
      .map(({ step, loss, milliseconds }) => ({ step, loss: orNull(loss), milliseconds })),
    validations: project.metrics
      .validations(id)
      .filter(({ step }) => step > afterStep)
      .map(({ step, loss, scores, best }) => ({
        step,
        loss: orNull(loss),
        dice: scores.dice.map(orNull),
        best,
      })),
  }
}

export async function checkpointRow(project: Project, checkpoint: CheckpointRecord): Promise<Checkpoint> {
  const { id, experiment, kind, step, bytes, created, name, starred, note, scores, file } = checkpoint
  const classes = await checkpointClasses(project, checkpoint)
  return {
    id,
    kind,
    step,
    bytes,
    created,
    starred,
    ...(experiment !== undefined && { experiment }),
    ...(name !== undefined && { name }),
    ...(note !== undefined && { note }),
    classes,
    dice: (scores?.dice ?? []).map((dice, value) => ({
      name: classes[value]?.name ?? `class ${value}`,
      dice: orNull(dice),
    })),
    missing: !existsSync(file),
    results: project.results.madeWith(id),
  }
}

function experimentRow(project: Project, summary: ExperimentSummary): ExperimentRow {
  const { id, status, created, ended, failure } = summary
  const { plan } = project.experiments.get(id)
  const dice = meanDice(project.checkpoints.find(`${id}-best`)?.scores)
  return {
    id,
    status,
    created,
    ...(ended !== undefined && { ended }),
    ...(failure !== undefined && { failure }),
    ...(dice !== undefined && { dice }),
    steps: plan.steps,
    stepsDone: project.metrics.lastStep(id),
    images: project.experiments.images(id).length,
    canResume:
      ['stopped', 'interrupted', 'failed', 'cancelled'].includes(status) &&
      existsSync(stateFileOf(project.checkpointsFolder, id)),
  }
}

function wishesOf(project: Project, { seed, parameters, plan }: Experiment): ExperimentDetails['wishes'] {
  const { minutes, weights } = parameters
  const decoder = trainingWishesSchema.shape.decoder.safeParse(parameters['decoder'])
  return {
    ...(typeof minutes === 'number' && { minutes }),
    seed,
    start: startOf(project, weights),
    freezeEncoder: plan.freezeEncoder,
    ...(decoder.data !== undefined && { decoder: decoder.data }),
  }
}

function startOf(project: Project, weights: unknown): TrainingWishes['start'] {
  if (typeof weights !== 'string') return { kind: 'scratch' }
  if (weights === STARTING_NETWORK) return { kind: 'starting network' }
  const checkpoint = project.checkpoints.all().find(({ file }) => file === weights)
  return checkpoint === undefined
    ? { kind: 'file', file: weights }
    : { kind: 'checkpoint', checkpoint: checkpoint.id }
}

/** Of all classes but the background that are somewhere. */
function meanDice(scores: Scores | undefined): number | undefined {
  const dice = (scores?.dice ?? []).slice(1).filter((value) => !Number.isNaN(value))
  return dice.length === 0 ? undefined : dice.reduce((sum, value) => sum + value, 0) / dice.length
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
