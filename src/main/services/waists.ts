import type { Splitting } from '../../preload/contract/segmentation.ts'

/** How objects are split, as the model takes it: the waist by class. */
export function waists(splitting: Splitting): Map<number, number> {
  return new Map(splitting.map(({ classIndex, waist }) => [classIndex, waist]))
}
