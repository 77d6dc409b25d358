import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Project } from '../../src/main/services/project.ts'
import { stateFileOf } from '../../src/main/services/state-file.ts'
import { readCheckpointHeader } from '../../src/model/weights/checkpoint.ts'
import { smallNetwork, writeRandomCheckpoint } from '../endurance/random-checkpoint.ts'

/** A training as it looks when it has finished, with curves, both checkpoints and its last state; nothing was computed. */
export async function addFinishedExperiment(project: Project, steps = 40): Promise<string> {
  const random = join(project.checkpointsFolder, 'random.safetensors')
  await writeRandomCheckpoint(random, smallNetwork)
  const { plan } = await readCheckpointHeader(random)
  const id = project.experiments.create({
    plan: { ...plan, steps },
    parameters: {},
    versions: { segscope: '0.1.0' },
    engine: { name: 'onnxruntime', version: '1.0.0', device: 'cpu', threads: 2 },
    images: project.images.all().map(({ id: image }, index) => ({
      image,
      labelFile: undefined,
      split: index === 0 ? 'validation' : 'training',
    })),
  })
  project.experiments.start(id)
  project.metrics.addSteps(
    id,
    Array.from({ length: steps }, (_, index) => ({
      step: index + 1,
      loss: Math.exp(-index / 12),
      learningRate: 0.001,
      milliseconds: 300,
      waitedMilliseconds: 0,
      gradientNorm: 1,
    })),
  )
  for (const [kind, step, dice] of [
    ['best', steps / 2, 0.9],
    ['last', steps, 0.88],
  ] as const) {
    const scores = { dice: [0.99, dice, dice, dice, NaN], iou: [0.98, dice, dice, dice, NaN] }
    project.metrics.addValidation(id, { step, loss: 1 - dice, scores, best: kind === 'best' })
    const file = join(project.checkpointsFolder, `${id}-${kind}.safetensors`)
    await writeRandomCheckpoint(file, smallNetwork)
    project.checkpoints.saveTrained(id, kind, { file, step, scores, bytes: (await stat(file)).size })
  }
  await writeFile(stateFileOf(project.checkpointsFolder, id), new Uint8Array(5_000_000))
  project.experiments.end(id, 'finished')
  return id
}
