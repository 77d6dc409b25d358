import type { Reporter } from '../terminal/reporter.ts'

export interface Phase {
  label: string
  /** That it takes on 2 cores: its share of the bar, and part of the estimate until it begins. */
  seconds: number
}

/** Turns the progress of one phase after the other into that of the whole: one bar from 0 to 1. */
export class PhaseProgress {
  readonly #phases: readonly Phase[]
  readonly #reporter: Pick<Reporter, 'progress'>
  readonly #durations: { phase: string; seconds: number }[] = []
  #index = -1
  #started = 0

  constructor(phases: readonly Phase[], reporter: Pick<Reporter, 'progress'>) {
    this.#phases = phases
    this.#reporter = reporter
  }

  /** The next phase begins. */
  next(): void {
    this.#endPhase()
    this.#index++
    this.#started = performance.now()
    this.within(0)
  }

  /**
   * @param fraction of the phase
   * @param detail said after the phase's label
   * @param remainingSeconds of the phase; judged by its time so far where undefined
   */
  within(fraction: number, detail?: string, remainingSeconds?: number): void {
    const { label, seconds } = this.#phases[this.#index] as Phase
    const later = sumSeconds(this.#phases.slice(this.#index + 1))
    const earlier = sumSeconds(this.#phases.slice(0, this.#index))
    const elapsed = (performance.now() - this.#started) / 1000
    // A phase that has hardly begun says little about its pace.
    const remaining =
      remainingSeconds ?? (fraction > 0.1 ? (elapsed / fraction) * (1 - fraction) : seconds * (1 - fraction))
    this.#reporter.progress(
      (earlier + fraction * seconds) / (earlier + seconds + later),
      `${this.#index + 1} of ${this.#phases.length}, ${label}${detail === undefined ? '' : `: ${detail}`}`,
      remaining + later,
    )
  }

  /** All is done. Tells how long each phase took. */
  end(): { phase: string; seconds: number }[] {
    this.within(1)
    this.#endPhase()
    return this.#durations
  }

  #endPhase(): void {
    const ended = this.#phases[this.#index]
    if (ended === undefined) return
    this.#durations.push({ phase: ended.label, seconds: (performance.now() - this.#started) / 1000 })
  }
}

function sumSeconds(phases: readonly Phase[]): number {
  return phases.reduce((sum, { seconds }) => sum + seconds, 0)
}
