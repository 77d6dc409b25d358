import { describe, expect, it } from 'vitest'
import { RandomGenerator } from '../../../src/model/random.ts'
import { DivergenceMonitor, type DivergenceState } from '../../../src/model/training/divergence.ts'

/** The step at which a run with these losses is stopped, its state passing through JSON at each step or not. */
function stoppedAt(losses: number[], resuming = false): number | undefined {
  let monitor = new DivergenceMonitor(3)
  for (const [step, loss] of losses.entries()) {
    if (resuming)
      monitor = new DivergenceMonitor(3, JSON.parse(JSON.stringify(monitor.state)) as DivergenceState)
    try {
      monitor.observe(step, loss, 1)
    } catch {
      return step
    }
  }
  return undefined
}

describe('DivergenceMonitor', () => {
  const learning = (steps: number) => Array.from({ length: steps }, (_, step) => 0.05 + Math.exp(-step / 50))
  const lost = [...learning(300), ...Array<number>(300).fill(3)]

  it('stops at a loss or a gradient that is no number, saying which and what to do', () => {
    const monitor = new DivergenceMonitor(2)
    monitor.observe(0, 0.7, 1)
    expect(() => {
      monitor.observe(1, Number.NaN, 1)
    }).toThrow(
      expect.objectContaining({
        code: 'training-diverged',
        message: 'Training diverged: the loss of step 1 is NaN.',
        remedy: expect.stringContaining('learning rate') as string,
      }) as Error,
    )
    expect(() => {
      monitor.observe(1, 0.7, Infinity)
    }).toThrow(/gradient of step 1 is Infinity/)
  })

  it('stops soon after all that was learned is lost', () => {
    const stopped = stoppedAt(lost)
    expect(stopped).toBeGreaterThan(350)
    expect(stopped).toBeLessThan(380)
  })

  it('lets pass what is no divergence: noise, a bad spell, a network that never learns', () => {
    const random = new RandomGenerator(1)
    expect(stoppedAt(learning(500).map((loss) => loss * random.uniform(0.2, 5)))).toBeUndefined()
    expect(stoppedAt([...learning(300), ...Array<number>(30).fill(3), ...learning(300)])).toBeUndefined()
    expect(stoppedAt(Array.from({ length: 500 }, () => random.uniform(0.8, 1.6)))).toBeUndefined()
  })

  it('continues from its state as if never stopped', () => {
    expect(stoppedAt(lost, true)).toBe(stoppedAt(lost))
  })
})
