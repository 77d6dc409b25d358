import { SegscopeError } from '../../model/errors.ts'
import type { Samples } from '../../model/images/image-source.ts'
import { UNLABELLED } from '../../model/images/label-map.ts'
import { readLabelImage, type LabelValues } from './read-label-map.ts'

export interface LabelValuesGuess {
  labelValues: LabelValues
  /** Classes that the values found make. */
  classCount: number
  /** What was found and what follows, as a sentence for the user. */
  explanation: string
}

/** Files that are looked at: enough to meet every class, few enough for folders of thousands. */
const MAXIMUM_FILES = 64

/** More different values than this in a folder are numbers of objects: no one paints that many classes. */
const MOST_CLASSES = 16

/** A zero rarer than this is what was left out, not the background. */
const LITTLE_ZERO = 0.01

/** Nobody paints over more than a fifth of all pixels with strokes: where zero is rarer than this, it is painted too. */
const MOSTLY_ZERO = 0.8

/**
 * Guesses what the values of a folder's label images mean, from the values found in up to 64 files spread over it.
 * Label images that number objects (1 ... hundreds) are taken as foreground and background, which is what they can
 * teach a network that knows classes and not objects.
 * @param files at least one
 * @throws SegscopeError `label-values-ambiguous` where several meanings fit, with the candidates; as `readLabelImage`
 */
export async function guessLabelValues(files: string[]): Promise<LabelValuesGuess> {
  const counts = new Map<number, number>()
  for (const file of spreadFiles(files)) countValues((await readLabelImage(file)).values, counts)
  return interpretValues(counts)
}

/** The files of a folder that are looked at to learn which values its label images hold: up to 64, evenly spread. */
export function spreadFiles<File>(files: readonly File[]): File[] {
  const step = Math.max(1, files.length / MAXIMUM_FILES)
  const count = Math.min(files.length, MAXIMUM_FILES)
  return Array.from({ length: count }, (_, index) => files[Math.floor(index * step)] as File)
}

/** Adds the pixels of each value to `counts`, by runs, which are long in label images. */
export function countValues(values: Samples, counts: Map<number, number>): void {
  let start = 0
  for (let index = 1; index <= values.length; index++) {
    const value = values[start] as number
    if (values[index] === value) continue
    counts.set(value, (counts.get(value) ?? 0) + index - start)
    start = index
  }
}

/**
 * The meaning of label values from how often each occurs.
 * @param counts pixels of each value, over all files
 */
export function interpretValues(counts: ReadonlyMap<number, number>): LabelValuesGuess {
  const values = [...counts.keys()].sort((one, other) => one - other)
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const zeroShare = (counts.get(0) ?? 0) / total
  const found = `The label images hold the ${values.length === 1 ? 'value' : 'values'} ${summarise(values)}`
  const guess = (labelValues: LabelValues, meaning: string): LabelValuesGuess => ({
    labelValues,
    classCount: countClasses(values, labelValues),
    explanation: `${found}: ${meaning} (--label-values ${labelValues}).`,
  })
  if (values.length < 2) {
    throw ambiguous(`${found} only, which tells nothing apart`, ['classes', 'binary', 'zero-unlabelled'])
  }
  if (values.some((value) => value < 0)) throw ambiguous(`${found}, negative ones among them`, ['binary'])
  if (values.length === 2 && values[0] === 0) {
    return values[1] === 1
      ? guess('classes', '0 is background and 1 foreground')
      : guess('binary', `0 is background and ${String(values[1])} foreground`)
  }
  if (values.length > MOST_CLASSES + 2) {
    return guess('binary', 'they number objects; all objects are one class, the foreground')
  }
  const classes = values.filter((value) => value !== UNLABELLED)
  if ((classes.at(-1) as number) > MOST_CLASSES) {
    throw ambiguous(`${found}, too large to be the numbers of classes`, ['binary', 'classes'])
  }
  if (classes.length < values.length) return guess('classes', 'the value is the class, 255 is not labelled')
  if (values[0] !== 0) return guess('zero-unlabelled', 'classes are counted from 1')
  const share = `0 in ${(zeroShare * 100).toFixed(zeroShare > 0.995 || zeroShare < 0.01 ? 2 : 0)} % of the pixels`
  if (zeroShare < LITTLE_ZERO) {
    return guess('zero-unlabelled', `with ${share}, 0 is not labelled and classes are counted from 1`)
  }
  if (zeroShare < MOSTLY_ZERO)
    return guess('classes', `with ${share}, every pixel is labelled and the value is the class`)
  throw ambiguous(`${found}, ${share}: 0 may be the background or mean not labelled`, [
    'classes',
    'zero-unlabelled',
  ])
}

function countClasses(values: number[], labelValues: LabelValues): number {
  if (labelValues === 'binary') return 2
  const greatest = Math.max(...values.filter((value) => value !== UNLABELLED))
  return labelValues === 'classes' ? greatest + 1 : greatest
}

/** '0, 1, 2' or '0, 1, 2, ... 114'. */
function summarise(values: number[]): string {
  if (values.length <= 8) return values.join(', ')
  return `${values.slice(0, 3).join(', ')}, ... ${String(values.at(-1))} (${String(values.length)} of them)`
}

function ambiguous(what: string, candidates: LabelValues[]): SegscopeError {
  const meanings: Record<LabelValues, string> = {
    classes: 'classes (the value is the class, 255 is not labelled)',
    binary: 'binary (everything but 0 is foreground)',
    'zero-unlabelled': 'zero-unlabelled (0 is not labelled, classes count from 1)',
  }
  return new SegscopeError('label-values-ambiguous', `${what}.`, {
    remedy: `Say what they mean with --label-values: ${candidates.map((candidate) => meanings[candidate]).join(', or ')}.`,
  })
}
