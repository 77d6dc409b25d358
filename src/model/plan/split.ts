import { SegscopeError } from '../errors.ts'
import { RandomGenerator } from '../random.ts'
import type { ImageFacts } from './fingerprint.ts'
import { isOrAre } from './words.ts'

/** About one in seven: where labels are dear, most of them should be learnt from. */
const validationShare = 0.15
/** More images cost time and tell no more. */
const mostValidation = 50
/** With fewer labelled images, holding one out would cost half of what there is to learn from. */
const fewestToSplit = 3

/** Labelled images by their index in the list that was split. */
export interface Split {
  training: number[]
  /** Empty where there are too few images: then scores come from the training images, and say so. */
  validation: number[]
  /** What was held out and why, for people. */
  explanation: string
}

/** How many of this many labelled images are held out. */
export function validationCount(labelledImages: number): number {
  if (labelledImages < fewestToSplit) return 0
  return Math.min(Math.max(1, Math.round(labelledImages * validationShare)), mostValidation)
}

/**
 * Divides the labelled images, whole ones, into those to learn from and those to check with; by the seed alone,
 * whatever their order. Every class stays in the training images; the validation images have every class that two
 * images have, as far as their number allows, rarest first. Images without labels are in neither.
 */
export function splitValidation(
  images: readonly Pick<ImageFacts, 'path' | 'classPixels'>[],
  seed: number,
): Split {
  const labelled = images
    .map((image, index) => ({ index, path: image.path, classes: classesOf(image) }))
    .filter((image) => image.classes.length > 0)
    .sort((left, right) => (left.path < right.path ? -1 : 1))
  const wanted = validationCount(labelled.length)
  const remaining = new Map<number, number>()
  for (const value of labelled.flatMap((image) => image.classes))
    remaining.set(value, (remaining.get(value) ?? 0) + 1)
  const rarestFirst = [...remaining].sort((left, right) => left[1] - right[1]).map(([value]) => value)

  const shuffled = new RandomGenerator(seed).shuffle(labelled)
  const held = new Set<(typeof labelled)[number]>()
  const tryToHold = (image: (typeof labelled)[number]): boolean => {
    if (held.size >= wanted || held.has(image)) return false
    if (image.classes.some((value) => remaining.get(value) === 1)) return false
    for (const value of image.classes) remaining.set(value, (remaining.get(value) as number) - 1)
    held.add(image)
    return true
  }
  for (const value of rarestFirst) {
    if ([...held].some((image) => image.classes.includes(value))) continue
    shuffled.find((image) => image.classes.includes(value) && tryToHold(image))
  }
  for (const image of shuffled) tryToHold(image)

  const inOrder = (chosen: typeof labelled): number[] =>
    chosen.map((image) => image.index).sort((left, right) => left - right)
  const validation = inOrder([...held])
  return {
    training: inOrder(shuffled.filter((image) => !held.has(image))),
    validation,
    explanation: explain(
      labelled.length,
      validation.length,
      rarestFirst,
      [...held].flatMap((image) => image.classes),
    ),
  }
}

/** What a person wants an image to be used for; 'automatic' leaves it to the seed. */
export type SplitWish = 'automatic' | 'training' | 'validation'

/**
 * As `splitValidation`, where a person may have chosen: with images chosen for validation those are held out, and no
 * others; without, the seed holds out some of those that are not chosen for training.
 * @throws SegscopeError `not-ready-to-train` where nothing is left to learn from
 */
export function splitAsWished(
  images: readonly (Pick<ImageFacts, 'path' | 'classPixels'> & { wish: SplitWish })[],
  seed: number,
): Split {
  const labelled = images.flatMap((image, index) => (classesOf(image).length > 0 ? [index] : []))
  const wishOf = (index: number): SplitWish => images[index]?.wish ?? 'automatic'
  const validation = labelled.filter((index) => wishOf(index) === 'validation')
  if (validation.length === 0) {
    const free = labelled.filter((index) => wishOf(index) === 'automatic')
    const split = splitValidation(
      free.map((index) => images[index] as (typeof images)[number]),
      seed,
    )
    const held = split.validation.map((place) => free[place] as number)
    return { ...split, training: labelled.filter((index) => !held.includes(index)), validation: held }
  }
  const training = labelled.filter((index) => !validation.includes(index))
  if (training.length === 0) {
    throw new SegscopeError('not-ready-to-train', 'All labelled images are set aside for validation.', {
      remedy: 'Let some of them be used for training, on the Images page, or label more.',
    })
  }
  return {
    training,
    validation,
    explanation: `${validation.length} of ${labelled.length} labelled images ${isOrAre(validation.length)} held out, as chosen, to check with.`,
  }
}

function classesOf(image: Pick<ImageFacts, 'classPixels'>): number[] {
  return image.classPixels.flatMap((pixels, value) => (pixels > 0 ? [value] : []))
}

function explain(labelled: number, held: number, classes: number[], heldClasses: number[]): string {
  if (held === 0) {
    const why =
      labelled < fewestToSplit
        ? `with ${labelled} labelled image${labelled === 1 ? '' : 's'} there is none to spare`
        : 'each has a class that no other has'
    return `No image is held out (${why}): scores are of images that were trained on, and flatter. Label at least ${fewestToSplit} images with all classes.`
  }
  const missing = classes.filter((value) => !heldClasses.includes(value)).sort((left, right) => left - right)
  const caution =
    missing.length === 0
      ? ''
      : ` They lack class ${missing.join(', ')}, which too few images have: it is not scored.`
  return `${held} of ${labelled} labelled images ${isOrAre(held)} held out, by seed, to check with.${caution}`
}
