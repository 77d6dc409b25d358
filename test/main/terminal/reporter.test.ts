import { PassThrough } from 'node:stream'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { JsonReporter } from '../../../src/main/terminal/json-reporter.ts'
import { progressBar, progressLine } from '../../../src/main/terminal/progress-text.ts'
import { TextReporter } from '../../../src/main/terminal/text-reporter.ts'
import { SegscopeError } from '../../../src/model/errors.ts'

const truncated = new SegscopeError('image-truncated', 'The file ends after 12 of 64 rows.', {
  file: 'plate/a.tif',
  remedy: 'Copy it again from the microscope.',
})

/** A stream that keeps what was written; as a terminal of 40 columns, or as a pipe. */
function recorder(terminal = false): PassThrough & { text(): string } {
  const stream = new PassThrough()
  return Object.assign(stream, {
    text: () => String(stream.read() ?? ''),
    ...(terminal ? { isTTY: true, columns: 40 } : {}),
  })
}

describe('JSON lines', () => {
  test('one object a line, told apart by kind; the failures are counted', () => {
    const output = recorder()
    const reporter = new JsonReporter(output, recorder())
    reporter.progress(0.25, 'training', 90)
    reporter.failed('plate/a.tif', truncated)
    reporter.warn('few labels')
    reporter.result({ dice: { colony: 0.93, debris: NaN } })
    expect(
      output
        .text()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { kind: 'progress', fraction: 0.25, label: 'training', estimateSeconds: 90 },
      {
        kind: 'failed',
        file: 'plate/a.tif',
        code: 'image-truncated',
        error: 'plate/a.tif: The file ends after 12 of 64 rows. Copy it again from the microscope.',
      },
      { kind: 'warning', message: 'few labels' },
      { kind: 'result', dice: { colony: 0.93, debris: null } },
    ])
    expect(reporter.failedFiles).toBe(1)
  })

  test('the error that ends a command is a line too, and a sentence on standard error', () => {
    const output = recorder()
    const errors = recorder()
    new JsonReporter(output, errors).fatal(truncated, false)
    expect(JSON.parse(output.text())).toMatchObject({
      kind: 'error',
      code: 'image-truncated',
      file: 'plate/a.tif',
    })
    expect(errors.text()).toBe(
      'plate/a.tif: The file ends after 12 of 64 rows. Copy it again from the microscope.\n',
    )
  })
})

describe('text', () => {
  test('in a pipe: plain lines, thinned out, and the last one always', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const errors = recorder()
    const reporter = new TextReporter(recorder(), errors)
    for (let image = 0; image <= 100; image++) {
      reporter.progress(image / 100, `image ${image} of 100`, 100 - image)
      vi.advanceTimersByTime(1000)
    }
    const lines = errors.text().trimEnd().split('\n')
    expect(lines).toHaveLength(21)
    expect(lines.slice(0, 2)).toEqual([
      '  0 %  image 0 of 100, about 1 min 40 s left',
      '  5 %  image 5 of 100, about 1 min 35 s left',
    ])
    expect(lines.at(-1)).toBe('100 %  image 100 of 100, about 0 s left')
  })

  test('on a terminal: one bar, messages above it, no line longer than the terminal', () => {
    const terminal = recorder(true)
    const reporter = new TextReporter(terminal, terminal)
    reporter.progress(0.5, 'segmenting a plate with a very long name.tif', 12)
    reporter.info('12 images')
    const bar = '█████░░░░░  50 %  segmenting a plate wi'
    expect(bar).toHaveLength(39)
    reporter.end()
    const clear = '\r\u001b[2K'
    expect(terminal.text()).toBe(`${clear}${bar}${clear}12 images\n${bar}${clear}`)
  })

  test('a defect says that it is one, and shows its stack only on request', () => {
    const errors = recorder()
    const reporter = new TextReporter(recorder(), errors)
    reporter.fatal(new TypeError('x is undefined'), false)
    expect(errors.text()).toMatch(/^Error: x is undefined\nThis is a defect of Segscope\. [^\n]*--debug\.\n$/)
    reporter.fatal(new TypeError('x is undefined', { cause: new Error('the cause') }), true)
    expect(errors.text()).toMatch(/reporter\.test\.ts.*the cause/s)
  })
})

test('progress never says 100 % before the end, nor leaves 0 to 100', () => {
  expect(progressLine(0.9999, 'x', undefined)).toBe(' 99 %  x')
  expect(progressLine(-0.1, 'x', undefined)).toBe('  0 %  x')
  expect(progressBar(1.2, 'x', 7300, 80)).toBe(`${'█'.repeat(20)} 100 %  x, about 2 h 01 min left`)
})
