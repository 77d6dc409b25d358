import { type Split, splitAsWished, validationCount } from '../../model/plan/split.ts'
import { splitPage } from '../../preload/contract/image-address.ts'
import type { LabelledFile } from './training-data.ts'

/**
 * As `splitAsWished`, of whole stacks: pages of one stack look alike, and a network that has learnt from some of them knows the
 * others. Where there are too few images to hold one out, and pages enough, pages are held out, and that is said.
 * @throws SegscopeError as `splitAsWished`
 */
export function splitStacks(
  files: readonly Pick<LabelledFile, 'path' | 'classPixels' | 'wish'>[],
  seed: number,
): Split {
  const groups = Map.groupBy(
    files.map((_, index) => index),
    (index) => splitPage((files[index] as (typeof files)[number]).path).image,
  )
  const stacks = [...groups].map(([path, indexes]) => ({
    path,
    indexes,
    wish: files[indexes[0] as number]?.wish ?? ('automatic' as const),
    classPixels: sumOf(indexes.map((index) => files[index]?.classPixels ?? [])),
  }))
  const isChosen = stacks.some(({ wish }) => wish !== 'automatic')
  if (!isChosen && validationCount(stacks.length) === 0 && validationCount(files.length) > 0) {
    const split = splitAsWished(files, seed)
    const explanation = `${split.explanation.replaceAll('labelled images', 'labelled pages')} They are pages of stacks that are also learnt from: scores flatter.`
    return split.validation.length === 0 ? split : { ...split, explanation }
  }
  const split = splitAsWished(stacks, seed)
  const filesOf = (places: readonly number[]): number[] =>
    places.flatMap((place) => stacks[place]?.indexes ?? []).sort((one, other) => one - other)
  return { ...split, training: filesOf(split.training), validation: filesOf(split.validation) }
}

/** By place; lists may be of different lengths. */
function sumOf(lists: readonly (readonly number[])[]): number[] {
  const length = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length }, (_, place) => lists.reduce((sum, list) => sum + (list[place] ?? 0), 0))
}
