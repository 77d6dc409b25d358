import { z } from 'zod'
import type { Network } from '../network/network.ts'
import { buildNetwork } from '../network/unet.ts'
import { planSchema } from '../plan/plan.ts'
import { checkFinite, checkShapes } from './check-tensors.ts'
import { decodeHeader, encodeHeader, type FileFormat } from './file-header.ts'
import { SafetensorsFile, type ValueType, writeSafetensors } from './safetensors.ts'
import type { NamedTensors } from './tensor.ts'

/** A score, or NaN for a class that is nowhere: JSON has no NaN and keeps null. */
const score = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)

/**
 * What a checkpoint says of itself: all that is needed to segment with it on another machine, and to tell
 * where it comes from. Classes, channels and normalisation are the plan's.
 */
export const checkpointHeaderSchema = z.object({
  segscopeVersion: z.string(),
  engine: z.object({ name: z.string(), version: z.string(), device: z.string(), threads: z.number() }),
  /** ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
  /** Id of the experiment that made it. */
  experiment: z.string(),
  /** Training steps done. */
  step: z.int().min(0),
  plan: planSchema,
  /**
   * By class value: what the project that exported it calls its classes, and `#rrggbb`. The plan has the names that it
   * learnt with. Absent in files that were not exported.
   */
  classes: z.array(z.object({ name: z.string(), colour: z.string().regex(/^#[0-9a-fA-F]{6}$/) })).optional(),
  /** On the validation images, by class value; absent where there were none. */
  scores: z.object({ dice: z.array(score), iou: z.array(score) }).optional(),
})

export type CheckpointHeader = z.output<typeof checkpointHeaderSchema>

const checkpointFormat: FileFormat<CheckpointHeader> = {
  format: 'segscope-checkpoint',
  formatVersion: 1,
  title: 'a checkpoint of Segscope',
  schema: checkpointHeaderSchema,
}

export interface Checkpoint {
  header: CheckpointHeader
  network: Network
  /** Complete. */
  weights: NamedTensors
}

/**
 * Writes a checkpoint, whole or not at all.
 * @param weights all parameters of the plan's network
 * @param type of the numbers in the file, see `writeSafetensors`
 * @throws SegscopeError `weights-not-finite`, `weights-do-not-fit`, and as `writeFileAtomically`
 */
export async function writeCheckpoint(
  path: string,
  header: CheckpointHeader,
  weights: NamedTensors,
  type: ValueType = 'F32',
): Promise<void> {
  const shapes = new Map([...weights].map(([name, tensor]) => [name, tensor.shape]))
  checkShapes(shapes, buildNetwork(header.plan.network), path, true)
  checkFinite(weights, path)
  await writeSafetensors(path, weights, encodeHeader(checkpointFormat, header), type)
}

/**
 * Reads a checkpoint and checks it against the network that its own plan describes.
 * @throws SegscopeError `file-not-found`, `safetensors-truncated`, `safetensors-invalid`, `safetensors-unsupported`,
 * `not-a-checkpoint`, `checkpoint-too-new`, `unknown-network`, `weights-do-not-fit`, `weights-not-finite`
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const file = await SafetensorsFile.open(path)
  try {
    const header = decodeHeader(checkpointFormat, file)
    const network = buildNetwork(header.plan.network)
    checkShapes(file.shapes, network, path, true)
    const weights = await file.readTensors()
    checkFinite(weights, path)
    return { header, network, weights }
  } finally {
    await file.close()
  }
}

/**
 * What a checkpoint says of itself, without its weights.
 * @throws SegscopeError `file-not-found`, `safetensors-truncated`, `safetensors-invalid`, `not-a-checkpoint`,
 * `checkpoint-too-new`
 */
export async function readCheckpointHeader(path: string): Promise<CheckpointHeader> {
  const file = await SafetensorsFile.open(path)
  try {
    return decodeHeader(checkpointFormat, file)
  } finally {
    await file.close()
  }
}
