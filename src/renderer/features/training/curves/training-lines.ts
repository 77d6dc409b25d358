import type { Curves } from '../../../../preload/contract/experiments.ts'
import { comparedColour, dashOf, type Line } from './line.ts'

/** Over this share of the steps the smooth line of the loss forgets: enough to see where it goes. */
const SMOOTHNESS = 0.02
const MOST_STEPS_OF_SMOOTHNESS = 50
const BACKGROUND = 0

/** One experiment as the charts draw it. */
export interface ShownCurves {
  id: string
  /** "today, 14:05" */
  name: string
  curves: Curves
}

/** Loss over training: of one experiment its noisy and smooth line and that of the validation; of several, smooth ones. */
export function lossLines(shown: readonly ShownCurves[]): Line[] {
  const [only, second] = shown
  if (only !== undefined && second === undefined) {
    const { steps, validations } = only.curves
    const colour = 'var(--accent)'
    const at = steps.map(({ step }) => step)
    const losses = steps.map(({ loss }) => loss)
    return [
      { key: 'raw', label: '', colour, dash: [], isGround: true, steps: at, values: losses },
      { key: 'smooth', label: 'training', colour, dash: [], steps: at, values: smooth(losses) },
      {
        key: 'validation',
        label: 'validation',
        colour: 'var(--notice)',
        dash: dashOf(1),
        hasPoints: true,
        steps: validations.map(({ step }) => step),
        values: validations.map(({ loss }) => loss),
      },
    ]
  }
  return shown.map(({ id, name, curves: { steps } }, index) => ({
    key: id,
    label: name,
    colour: comparedColour(index),
    dash: dashOf(index),
    steps: steps.map(({ step }) => step),
    values: smooth(steps.map(({ loss }) => loss)),
  }))
}

/**
 * Dice at the validations: of one experiment, a line for each class; of several, the mean of all classes but the background.
 * @param colourOf of a class, by its name
 */
export function diceLines(shown: readonly ShownCurves[], colourOf: (name: string) => string): Line[] {
  const [only, second] = shown
  if (only !== undefined && second === undefined) {
    const { classNames, validations } = only.curves
    return classNames.map((name, value) => ({
      key: name,
      label: name,
      colour: colourOf(name),
      dash: dashOf(value),
      hasPoints: true,
      steps: validations.map(({ step }) => step),
      values: validations.map(({ dice }) => dice[value] ?? null),
    }))
  }
  return shown.map(({ id, name, curves: { validations } }, index) => ({
    key: id,
    label: name,
    colour: comparedColour(index),
    dash: dashOf(index),
    hasPoints: true,
    steps: validations.map(({ step }) => step),
    values: validations.map(({ dice }) => meanDice(dice)),
  }))
}

/** Of all classes but the background that are somewhere; null where none is. */
export function meanDice(dice: readonly (number | null)[]): number | null {
  const values = dice.filter((value, index) => index !== BACKGROUND && value !== null) as number[]
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** An exponential moving average, without its bias to the first value; what is not a number is left out. */
export function smooth(values: readonly (number | null)[]): (number | null)[] {
  const keep = 1 - 1 / Math.min(MOST_STEPS_OF_SMOOTHNESS, Math.max(1, values.length * SMOOTHNESS))
  let [average, weight] = [0, 0]
  return values.map((value) => {
    if (value === null) return null
    average = keep * average + (1 - keep) * value
    weight = keep * weight + (1 - keep)
    return average / weight
  })
}
