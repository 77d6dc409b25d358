import { expect, it } from 'vitest'
import { EarlyStopping, type EarlyStoppingState } from '../../../src/model/training/early-stopping.ts'

it('takes the latest of those that are as good as the highest for the best, however often they fall a little', () => {
  const stopping = new EarlyStopping(9)
  const scores = [0.9, 0.968, 0.9, 0.964, 0.959, 0.95]
  const taken = scores.map((score, step) => stopping.observe(step, score).best)
  expect(taken).toEqual([true, true, false, true, true, false])
  expect(stopping.state).toEqual({ bestScore: 0.968, bestStep: 4, withoutImprovement: 4 })
})

it('stops after as many validations without a better score as patience allows, also when resumed', () => {
  let stopping = new EarlyStopping(3)
  const seen = [0.5, 0.6, 0.5, Number.NaN, 0.7, 0.1, 0.2, 0.3].map((score, index) => {
    stopping = new EarlyStopping(3, JSON.parse(JSON.stringify(stopping.state)) as EarlyStoppingState)
    const { best, stop } = stopping.observe(index * 10, score)
    return `${best ? 'best' : '-'}${stop ? ' stop' : ''}`
  })
  expect(seen).toEqual(['best', 'best', '-', '-', 'best', '-', '-', '- stop'])
  expect(stopping.state).toMatchObject({ bestScore: 0.7, bestStep: 40 })
})
