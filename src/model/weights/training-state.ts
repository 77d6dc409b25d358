import { z } from 'zod'
import type { TrainingState } from '../engine/engine.ts'
import type { Network } from '../network/network.ts'
import { checkFinite, checkShapes } from './check-tensors.ts'
import { decodeHeader, encodeHeader, type FileFormat } from './file-header.ts'
import { SafetensorsFile, writeSafetensors } from './safetensors.ts'
import type { NamedTensors } from './tensor.ts'

/** All that a stopped training run needs to go on as if it had never stopped. */
export interface SavedTraining {
  state: TrainingState
  /**
   * The training loop's own state (random generators, best score, ...); the loop checks it when it reads it.
   * It is kept as JSON, which has neither NaN nor infinities.
   */
  loop: unknown
  /** Further sets of tensors by the network's parameter names, such as the moving average of the weights. */
  extra: Readonly<Record<string, NamedTensors>>
}

interface TrainingStateHeader {
  step: number
  loop: unknown
}

const trainingStateFormat: FileFormat<TrainingStateHeader> = {
  format: 'segscope-training-state',
  formatVersion: 1,
  title: 'a training state of Segscope',
  schema: z.object({ step: z.int().min(0), loop: z.unknown() }),
}

const WEIGHTS = 'weights'
const FIRST_MOMENT = 'first_moment'
const SECOND_MOMENT = 'second_moment'
/** Stands before the names of extra sets, so that none can take the name of one of the above. */
const EXTRA = 'extra:'

/**
 * Writes the state of a training run, whole or not at all. Tensors are named `<set>/<parameter>`.
 * @throws SegscopeError `weights-not-finite`, and as `writeFileAtomically`
 */
export async function writeTrainingState(path: string, saved: SavedTraining): Promise<void> {
  const { weights, firstMoments, secondMoments, step } = saved.state
  const tensors: NamedTensors = new Map()
  const add = (set: string, members: NamedTensors): void => {
    for (const [name, tensor] of members) tensors.set(`${set}/${name}`, tensor)
  }
  add(WEIGHTS, weights)
  add(FIRST_MOMENT, firstMoments)
  add(SECOND_MOMENT, secondMoments)
  for (const [set, members] of Object.entries(saved.extra)) add(`${EXTRA}${set}`, members)
  checkFinite(tensors, path)
  await writeSafetensors(path, tensors, encodeHeader(trainingStateFormat, { step, loop: saved.loop }))
}

/**
 * Reads what `writeTrainingState` wrote.
 * @param network the network in training: the weights must be complete, the other sets may lack what does not train
 * @throws SegscopeError as `readCheckpoint`
 */
export async function readTrainingState(path: string, network: Network): Promise<SavedTraining> {
  const file = await SafetensorsFile.open(path)
  try {
    const { step, loop } = decodeHeader(trainingStateFormat, file)
    const shapes = splitBySet(file.shapes)
    checkShapes(shapes.get(WEIGHTS) ?? new Map(), network, path, true)
    for (const setShapes of shapes.values()) checkShapes(setShapes, network, path, false)
    const tensors = await file.readTensors()
    checkFinite(tensors, path)
    const sets = splitBySet(tensors)
    const take = (set: string): NamedTensors => sets.get(set) ?? (new Map() as NamedTensors)
    const state = {
      weights: take(WEIGHTS),
      firstMoments: take(FIRST_MOMENT),
      secondMoments: take(SECOND_MOMENT),
      step,
    }
    const extraSets = [...sets].filter(([set]) => set.startsWith(EXTRA))
    const extra = Object.fromEntries(extraSets.map(([set, members]) => [set.slice(EXTRA.length), members]))
    return { state, loop, extra }
  } finally {
    await file.close()
  }
}

/** `<set>/<parameter>` by set, then by parameter. */
function splitBySet<Value>(values: ReadonlyMap<string, Value>): Map<string, Map<string, Value>> {
  const sets = new Map<string, Map<string, Value>>()
  for (const [name, value] of values) {
    const slash = name.indexOf('/')
    const set = name.slice(0, Math.max(slash, 0))
    const members = sets.get(set) ?? new Map<string, Value>()
    sets.set(set, members.set(name.slice(slash + 1), value))
  }
  return sets
}
