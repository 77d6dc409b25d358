import { expect, test } from 'vitest'
import { Parts } from '../../bench/parts.ts'
import { asObject, asTable, type BenchResults } from '../../bench/report.ts'

async function resultsWithFailures(): Promise<BenchResults> {
  const parts = new Parts()
  const forward = await parts.run('ONNX Runtime, forward', () => Promise.resolve(53.25))
  await parts.run('ONNX Runtime, step', () => Promise.reject(new Error('no memory')))
  await parts.run('a stroke', () => Promise.reject(new Error('the button was not there')))
  return {
    threads: 2,
    network: {
      ours: { forward: forward as number, step_frozen: 200 },
      tensorflow: undefined,
      torch: undefined,
      torchVersion: undefined,
    },
    folder: undefined,
    application: [
      { key: 'stroke_to_screen_ms', name: 'stroke to screen', unit: 'ms', value: 'failed' },
      { key: 'renderer_memory_mb', name: 'memory of the page', unit: 'MB', value: undefined },
      { key: 'prediction_ms', name: 'the next image', unit: 'ms', value: 812.34 },
    ],
    peakMegabytes: 400,
    errors: parts.errors,
  }
}

test('of a benchmark with failures all other figures are printed, and at the end why each failed', async () => {
  const table = asTable(await resultsWithFailures())
  expect(table).toMatch(/^forward +53\.3 ms$/m)
  expect(table).toMatch(/^training step +failed$/m)
  expect(table).toMatch(/^training step, encoder frozen +200\.0 ms$/m)
  expect(table).toMatch(/^images a second +failed$/m)
  expect(table).toMatch(/^memory of the page +not known on this system$/m)
  expect(table).toMatch(/^the next image +812\.3 ms$/m)
  expect(table.split('\n').slice(-3)).toEqual([
    'What failed:',
    '  ONNX Runtime, step: no memory',
    '  a stroke: the button was not there',
  ])
})

test('as JSON, what failed is null and listed with its reason', async () => {
  expect(asObject(await resultsWithFailures())).toMatchObject({
    forward_ms: 53.25,
    training_step_ms: null,
    segment_images_per_second: null,
    stroke_to_screen_ms: null,
    prediction_ms: 812.34,
    errors: [
      { part: 'ONNX Runtime, step', reason: 'no memory' },
      { part: 'a stroke', reason: 'the button was not there' },
    ],
  })
})
