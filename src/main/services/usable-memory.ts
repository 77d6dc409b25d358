import { freemem, totalmem } from 'node:os'
import { memoryLimit } from '../../model/engine/compute-limits.ts'

/** Memory that long work may take, in bytes: most of what is free, as other programs need some too, within the limit set. */
export function usableMemory(): number {
  const constrained = process.constrainedMemory()
  const limit = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return Math.min(memoryLimit(), 0.75 * limit, Math.max(0.8 * freemem(), 0.25 * limit))
}
