import type { ReportData } from './report-data.ts'

/** From which Dice on a word is used; the bounds are a convention of ours, and the page gives the number beside the word. */
const GRADES = [
  { from: 0.95, word: 'excellent' },
  { from: 0.9, word: 'very good' },
  { from: 0.8, word: 'good' },
  { from: 0.6, word: 'rough: check each image' },
  { from: 0, word: 'not usable yet' },
] as const

/** 'very good', ... ; 'not in these images' where neither the labels nor the prediction have the class. */
export function grade(dice: number): string {
  return GRADES.find(({ from }) => dice >= from)?.word ?? 'not in these images'
}

/** Three decimals; a dash where there is nothing to compare. */
export function score(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '–' : value.toFixed(3)
}

/** Thousands separated; small values with two digits that count. */
export function amount(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return value.toLocaleString(
    'en-GB',
    value < 10 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 0 },
  )
}

/** '1 image', '12 images'. */
export function counted(count: number, noun: string): string {
  return `${amount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** How good the model is, in one sentence for the first look at the page. */
export function summarySentence({ evaluation, classNames }: ReportData): string {
  if (evaluation === undefined) {
    return 'There were no labelled images left to compare with, so nothing is known yet about how good this model is.'
  }
  const found = classNames.flatMap((name, value) => {
    const dice = evaluation.scores.dice[value]
    if (value === 0 || dice === undefined || Number.isNaN(dice)) return []
    return `${dice.toFixed(2)} for ${name} (${grade(dice)})`
  })
  const where = `On ${counted(evaluation.images, 'image')} that it never saw, the model`
  return found.length === 0
    ? `${where} was compared with labels that hold nothing but ${classNames[0] ?? 'background'}.`
    : `${where} reaches a Dice of ${new Intl.ListFormat('en-GB').format(found)}.`
}
