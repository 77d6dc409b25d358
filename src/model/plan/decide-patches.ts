import { SegscopeError } from '../errors.ts'
import { buildNetwork } from '../network/unet.ts'
import type { Decided } from './decided.ts'
import type { Fingerprint } from './fingerprint.ts'
import { labelledImages } from './labelled-images.ts'
import { largestObject } from './object-sizes.ts'
import type { Plan } from './plan.ts'
import { estimateTrainingBytes } from './training-memory.ts'
import { readable } from './words.ts'

/** A patch this many times as wide as an object holds most objects whole, and their surroundings. */
const objectsPerPatch = 2
/** Below 128 the network's deepest features (1/32) would be 2 x 2 pixels and see little but padding. */
const patchSizes = [128, 192, 256]
export const largestPatch = 256
/** An image smaller than this is padded rather than the patches of all others cut down to it. */
const smallestPatch = 64
/** Pixels a step, at which 2 cores take a fraction of a second: 8 patches of 128 x 128. */
export const pixelsPerStep = 8 * 128 * 128
/** Batch norm needs several patches for statistics that are not one image's. */
const wantedPatches = 4
const fewestPatches = 2
const mostPatches = 16

/** Side of the training patches and how many of them a step takes, by the objects', the images' and the memory's size. */
export function decidePatches(
  fingerprint: Fingerprint,
  imageScale: number,
  network: Plan['network'],
  memoryBytes: number,
): { patchSize: Decided<number>; batchSize: Decided<number> } {
  const objects = largestObject(fingerprint) * imageScale
  const wanted = patchSizes.find((size) => size >= objectsPerPatch * objects) ?? largestPatch
  const smallestSide =
    Math.min(...labelledImages(fingerprint).map(({ width, height }) => Math.min(width, height))) * imageScale
  const fitting = Math.max(smallestPatch, Math.ceil(smallestSide / 32) * 32)
  let patchSize = Math.min(wanted, fitting)

  const description = buildNetwork(network)
  const bytes = (batch: number): number => estimateTrainingBytes(description, batch, patchSize)
  while (patchSize > smallestPatch && bytes(wantedPatches) > memoryBytes) patchSize -= 32
  if (bytes(fewestPatches) > memoryBytes) {
    throw new SegscopeError(
      'not-enough-memory',
      `Training needs about ${megabytes(bytes(fewestPatches))} of memory even with the smallest patches, and ${megabytes(memoryBytes)} are free.`,
      { remedy: 'Close other programs, or choose the decoder with a quarter of the channels ("slim").' },
    )
  }
  const wantedBatch = Math.min(
    Math.max(wantedPatches, Math.round(pixelsPerStep / patchSize ** 2)),
    mostPatches,
  )
  let batchSize = wantedBatch
  while (batchSize > fewestPatches && bytes(batchSize) > memoryBytes) batchSize--

  return {
    patchSize: {
      value: patchSize,
      decision: `${patchSize} x ${patchSize} pixels`,
      reason: reasonForPatch(patchSize, wanted, fitting, objects),
    },
    batchSize: {
      value: batchSize,
      decision: `${batchSize} patches a step`,
      reason: `${batchSize < wantedBatch ? `${wantedBatch} would not fit into memory` : `About ${readable(pixelsPerStep)} pixels a step, and at least ${wantedPatches} patches for batch norm`}: a step takes about ${megabytes(bytes(batchSize))} of the ${megabytes(memoryBytes)} that are free.`,
    },
  }
}

function reasonForPatch(patchSize: number, wanted: number, fitting: number, objects: number): string {
  if (patchSize < Math.min(wanted, fitting)) return 'Larger patches would not fit into memory.'
  if (fitting < wanted)
    return `The smallest labelled image is no larger than ${fitting} pixels, padded to a multiple of 32.`
  if (objects === 0) return 'The labels do not tell how large objects are (they are strokes); 128 suits most.'
  return `Half of the objects' pixels are in objects up to ${readable(objects)} pixels wide: a patch shows them with their surroundings.`
}

function megabytes(bytes: number): string {
  return `${readable(Math.round(bytes / 1e6))} MB`
}
