import type { ExperimentRow } from '../../../../preload/contract/experiments.ts'
import { count, moment } from '../../../stores/words.ts'

const words: Record<ExperimentRow['status'], string> = {
  queued: 'preparing',
  running: 'running',
  finished: 'finished',
  stopped: 'stopped and kept',
  failed: 'failed',
  cancelled: 'given up',
  interrupted: 'interrupted',
}

export function statusWord({ status }: Pick<ExperimentRow, 'status'>): string {
  return words[status]
}

/** `stopped and kept after 120 of 600 steps` */
export function statusText({ status, steps, stepsDone }: ExperimentRow): string {
  const done = stepsDone === steps ? `${count(steps)} steps` : `${count(stepsDone)} of ${count(steps)} steps`
  return `${words[status]} after ${done}`
}

/** `today, 14:05`, `3 May 2026, 14:05`: experiments of one day are told apart by their time. */
export function experimentTitle({ created }: Pick<ExperimentRow, 'created'>): string {
  const day = moment(created)
  if (day.includes(':')) return day
  const time = new Date(created).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  return `${day}, ${time}`
}
