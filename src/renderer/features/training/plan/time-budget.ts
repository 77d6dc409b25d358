import { counted } from '../../../stores/words.ts'

/** The times that the slider stops at, in minutes, and what each is good for. */
export const timeBudgets = [
  { minutes: 2, text: '2 minutes, a first look' },
  { minutes: 5, text: '5 minutes' },
  { minutes: 10, text: '10 minutes' },
  { minutes: 20, text: '20 minutes' },
  { minutes: 45, text: '45 minutes, over lunch' },
  { minutes: 90, text: '1.5 hours' },
  { minutes: 180, text: '3 hours' },
  { minutes: 360, text: '6 hours' },
  { minutes: 720, text: '12 hours, overnight' },
] as const

/** The stop of the slider that is closest to a time, by ratio. */
export function nearestBudget(minutes: number): number {
  const distances = timeBudgets.map((budget) => Math.abs(Math.log(budget.minutes / minutes)))
  return distances.indexOf(Math.min(...distances))
}

export function timeText(minutes: number): string {
  return timeBudgets.find((budget) => budget.minutes === minutes)?.text ?? counted(minutes, 'minute')
}

/** The next stop beyond a time; the last one beyond all. */
export function longerBudget(minutes: number): number {
  return timeBudgets.find((budget) => budget.minutes > minutes)?.minutes ?? 720
}
