import type { Curves, ExperimentDetails } from '../../../../preload/contract/experiments.ts'
import { count, percent } from '../../../stores/words.ts'
import { meanDice } from '../curves/training-lines.ts'

const BACKGROUND = 0
/** Classes that are named one by one; of more, the mean and the weakest. */
const MOST_NAMED = 4
/** Dice from which masks need few corrections, and below which they need more of them than they save: rules of thumb. */
const GOOD_DICE = 0.9
const WEAK_DICE = 0.7
/** By so much the mean Dice rose over the second half of the validations of a run that was not done. */
const STILL_RISING = 0.02

/** How good a training is, for a person who labelled its images. */
export interface Verdict {
  standing: 'good' | 'fair' | 'weak' | 'unknown'
  sentence: string
  /** What it means, and what helps. */
  advice: string[]
  /** To train longer is likely to help. */
  isRising: boolean
}

/**
 * Says how good a training that has ended is, by its best validation.
 * @returns undefined where it was never validated
 */
export function verdictOf(
  { classNames, validations }: Curves,
  { status, steps, stepsDone, data }: Pick<ExperimentDetails, 'status' | 'steps' | 'stepsDone' | 'data'>,
): Verdict | undefined {
  const best = validations.findLast((validation) => validation.best) ?? validations.at(-1)
  if (best === undefined) return undefined
  const scored = classNames.flatMap((name, value) => {
    const dice = best.dice[value]
    return value === BACKGROUND || dice === null || dice === undefined ? [] : [{ name, dice }]
  })
  const unseen = classNames.filter((_, value) => value !== BACKGROUND && best.dice[value] === null)
  const heldOut = data.filter(({ split }) => split === 'validation').length
  const mean = meanDice(best.dice)
  const weakest = scored.toSorted((one, other) => one.dice - other.dice)[0]
  if (mean === null || weakest === undefined) {
    return {
      standing: 'unknown',
      sentence: 'None of your classes is on the images it was measured on: how good it is cannot be told.',
      advice: ['Label each class on two or more images.'],
      isRising: false,
    }
  }
  const isRising =
    status === 'finished' && stepsDone === steps && gainOfSecondHalf(validations) > STILL_RISING
  const standing = weakest.dice >= GOOD_DICE ? 'good' : weakest.dice >= WEAK_DICE ? 'fair' : 'weak'
  return {
    standing: heldOut === 0 ? 'unknown' : standing,
    sentence: `${place(heldOut)}, ${agreement(scored, mean)}.`,
    isRising,
    advice: [
      ...(heldOut === 0
        ? ['How good it is on other images cannot be told: label three or more, so that one can be held out.']
        : [standingText[standing]]),
      ...(standing === 'good' ? [] : [weakAdvice(scored, weakest)]),
      ...unseen.map((name) => `Nothing is known of ${name}: it is on none of the images it was measured on.`),
      ...(isRising ? ['It was still getting better at the end: training longer may help.'] : []),
      ...(status === 'finished' && stepsDone < steps
        ? ['It ended early, as it had stopped getting better: more labels help more than more time.']
        : []),
    ],
  }
}

const standingText = {
  good: 'Good enough to segment with: look over some results, and correct what is wrong.',
  fair: 'A usable start: expect to correct some of its results.',
  weak: 'Not to be relied on yet.',
}

function place(heldOut: number): string {
  if (heldOut === 0) return 'On the images it learnt from'
  return heldOut === 1 ? 'On an image it had never seen' : `On ${count(heldOut)} images it had never seen`
}

function agreement(scored: readonly { name: string; dice: number }[], mean: number): string {
  const [only, second] = scored
  if (only !== undefined && second === undefined) {
    return `${percent(only.dice)} of ${only.name} agrees with your labels (Dice ${only.dice.toFixed(2)})`
  }
  if (scored.length > MOST_NAMED) {
    return `${percent(mean)} agrees with your labels, the mean of ${scored.length} classes (Dice ${mean.toFixed(2)})`
  }
  const parts = scored.map(({ name, dice }) => `${percent(dice)} of ${name}`)
  const dices = scored.map(({ dice }) => dice.toFixed(2))
  return `${listed(parts)} agree with your labels (Dice ${listed(dices)})`
}

function weakAdvice(scored: readonly unknown[], { name, dice }: { name: string; dice: number }): string {
  const weakness = scored.length > 1 ? `Weakest is ${name} (Dice ${dice.toFixed(2)}): label` : 'Label'
  return `${weakness} more of ${scored.length > 1 ? 'it' : name}, most of all where the results are wrong.`
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}

function gainOfSecondHalf(validations: Curves['validations']): number {
  const means = validations.flatMap(({ dice }) => meanDice(dice) ?? [])
  if (means.length < 4) return 0
  const half = Math.floor(means.length / 2)
  return Math.max(...means.slice(half)) - Math.max(...means.slice(0, half))
}
