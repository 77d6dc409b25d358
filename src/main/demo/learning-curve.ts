import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import type { StepMetrics, ValidationMetrics } from '../database/repositories/metrics.ts'

/**
 * Writes the learning curve as a table for spreadsheets (RFC 4180): a line a step with its loss, and the Dice of each
 * class on the validation images where a step was followed by a look at them.
 * @throws SegscopeError as `writeFileAtomically`
 */
export async function writeLearningCurve(
  path: string,
  steps: readonly StepMetrics[],
  validations: readonly ValidationMetrics[],
  classNames: readonly string[],
): Promise<void> {
  const scoresAt = new Map(validations.map(({ step, scores }) => [step, scores.dice]))
  const heading = ['step', 'loss', 'learning_rate', ...classNames.map(columnOf)]
  const rows = steps.map(({ step, loss, learningRate }) => {
    const dice = scoresAt.get(step)
    return [step, ...[loss, learningRate, ...classNames.map((_, value) => dice?.[value])].map(cellOf)]
  })
  const table = [heading, ...rows].map((row) => `${row.join(',')}\r\n`).join('')
  await writeFileAtomically(path, [new TextEncoder().encode(table)])
}

function columnOf(className: string): string {
  return `validation_dice_${className.replaceAll(/\W+/g, '_')}`
}

function cellOf(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '' : String(Number(value.toPrecision(5)))
}
