import { existsSync } from 'node:fs'
import { SegscopeError } from '../../model/errors.ts'
import { segscopeVersion } from '../version.ts'
import type { ExperimentParameters } from '../database/repositories/experiments.ts'
import { learntAddress, splitPage } from '../../preload/contract/image-address.ts'
import { registerImages } from './image-registry.ts'
import type { PreparedTraining } from './prepare-training.ts'
import type { Project } from './project.ts'
import { type TrainingJob } from './training-run.ts'
import { stateFileOf } from './state-file.ts'

/** Keeps a prepared training as an experiment, queued, with all that is needed to understand and repeat it. */
export async function keepExperiment(
  project: Project,
  { plan, engine, labelValues, images }: PreparedTraining,
  parameters: ExperimentParameters,
  signal: AbortSignal,
): Promise<string> {
  const planes = images.map(({ path }) => splitPage(path))
  const registered = await registerImages(
    project,
    images.map(({ info, labelPath }, index) => ({
      path: planes[index]?.image as string,
      info,
      labels: { path: labelPath, labelValues },
    })),
    signal,
  )
  return project.experiments.create({
    plan,
    parameters,
    versions: { segscope: segscopeVersion, node: process.versions.node, [engine.name]: engine.version },
    engine,
    images: registered.map(({ image, labels }, index) => ({
      image: image.id,
      page: planes[index]?.page as number,
      labelFile: labels?.id,
      split: images[index]?.split ?? 'training',
    })),
  })
}

/**
 * What is to be computed for an experiment, from its beginning or from where it stopped.
 * @throws SegscopeError `experiment-not-found`, `experiment-deleted`, `experiment-finished`
 */
export function jobOfExperiment(project: Project, id: string): TrainingJob {
  const { plan, status, engine, parameters, isDeleted } = project.experiments.get(id)
  if (isDeleted) {
    throw new SegscopeError('experiment-deleted', `Experiment ${id} has been deleted.`, {
      remedy: 'Bring it back first, as long as that is possible.',
    })
  }
  if (status === 'finished') {
    throw new SegscopeError(
      'experiment-finished',
      `Experiment ${id} has finished: there is nothing to resume.`,
      { remedy: 'To train further, start a new run from its checkpoint.' },
    )
  }
  const folder = project.checkpointsFolder
  // A run that died before its first save begins anew: its seed gives it the same start.
  const start: TrainingJob['start'] = existsSync(stateFileOf(folder, id))
    ? { kind: 'state' }
    : { kind: 'weights', file: (parameters['weights'] ?? undefined) as string | undefined }
  return { experiment: id, folder, plan, engine: engine.name, ...imagesOf(project, id), start }
}

/** What an experiment trains on, always in the same order: chance picks images by their place in it. */
function imagesOf(
  project: Project,
  experiment: string,
): Pick<TrainingJob, 'labelValues' | 'training' | 'validation'> {
  const images = project.experiments.images(experiment)
  const used = (split: 'training' | 'validation'): { path: string; labelPath: string }[] =>
    images.flatMap(({ path, page, labelPath, split: own }) =>
      own === split && labelPath !== undefined ? [{ path: learntAddress(path, page), labelPath }] : [],
    )
  return {
    labelValues: images[0]?.labelValues ?? 'classes',
    training: used('training'),
    validation: used('validation'),
  }
}
