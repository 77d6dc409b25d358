import { expect, it } from 'vitest'
import { EarlyStopping, type EarlyStoppingState } from '../../../src/model/training/early-stopping.ts'

it('stops after as many validations without a better score as patience allows, also when resumed', () => {
  let stopping = new EarlyStopping(3)
  const seen = [0.5, 0.6, 0.6, Number.NaN, 0.7, 0.1, 0.2, 0.3].map((score, index) => {
    stopping = new EarlyStopping(3, JSON.parse(JSON.stringify(stopping.state)) as EarlyStoppingState)
    const { best, stop } = stopping.observe(index * 10, score)
    return `${best ? 'best' : '-'}${stop ? ' stop' : ''}`
  })
  expect(seen).toEqual(['best', 'best', '-', '-', 'best', '-', '-', '- stop'])
  expect(stopping.state).toMatchObject({ bestScore: 0.7, bestStep: 40 })
})
