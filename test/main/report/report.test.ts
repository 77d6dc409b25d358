import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ReportData } from '../../../src/main/report/report-data.ts'
import { reportPage } from '../../../src/main/report/report-page.ts'
import { writeReport } from '../../../src/main/report/write-report.ts'
import { exampleReport } from './report-example.ts'

/** The page's elements with the names of their attributes, without any text. */
function skeleton(page: string): string[] {
  return [...page.matchAll(/<(\/?[a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*\/?>/gi)].map(
    ([, name, attributes]) => `${name} ${(attributes ?? '').replaceAll(/="[^"]*"/g, '')}`,
  )
}

/** The same data with every text in it changed. */
function withTexts<T>(data: T, change: (text: string) => string): T {
  if (typeof data === 'string') return change(data) as T
  if (Array.isArray(data)) return data.map((entry: unknown) => withTexts(entry, change)) as T
  if (typeof data !== 'object' || data === null || data instanceof Date) return data
  return Object.fromEntries(
    Object.entries(data).map(([key, entry]) => [key, withTexts(entry as unknown, change)]),
  ) as T
}

function attributes(page: string, pattern: RegExp): string[] {
  return [...page.matchAll(pattern)].map(([, value]) => value as string)
}

test('no name, reason or command can add anything to the page but text', () => {
  const attack = `"'><script>alert(1)</script><img src=x onerror=alert(2)>&lt;</style></svg>`
  const hostile = withTexts(exampleReport, (text) => `${attack}${text}`)
  hostile.decisions = { [attack]: { decision: attack, reason: attack }, ...hostile.decisions }
  const harmless = {
    ...exampleReport,
    decisions: { a: { decision: 'b', reason: 'c' }, ...exampleReport.decisions },
  }
  expect(skeleton(reportPage(hostile))).toEqual(skeleton(reportPage(harmless)))
  expect(skeleton(reportPage(harmless)).length).toBeGreaterThan(200)
  expect(reportPage(hostile)).not.toMatch(/<script|<img src=x|<\/style><\/svg>/)
})

test('links stay beside the page and find files with any name', () => {
  const gallery = [
    {
      name: 'a',
      image: 'javascript:alert(1)',
      prediction: 'https://example.org/x.png',
      truth: 'plate 50% #1/ü?.png',
    },
  ]
  const page = reportPage({ ...exampleReport, gallery })
  const links = attributes(page, /(?:href|src)="([^"]*)"/g)
  const resolved = links.map((link) => new URL(link, 'file:///project/report.html'))
  expect(resolved.every((url) => url.protocol === 'file:' && url.pathname.startsWith('/project/'))).toBe(true)
  expect(resolved.map((url) => decodeURIComponent(url.pathname))).toContain('/project/plate 50% #1/ü?.png')
  expect(resolved.every((url) => url.search === '' && url.hash === '')).toBe(true)
})

test('it reads well to those who do not see it: one h1, no level left out, named pictures, headed tables', () => {
  const page = reportPage(exampleReport)
  const levels = attributes(page, /<h(\d)/g).map(Number)
  expect(levels.filter((level) => level === 1)).toHaveLength(1)
  levels.slice(1).forEach((level, index) => expect(level - (levels[index] as number)).toBeLessThanOrEqual(1))
  expect(attributes(page, /<img([^>]*)>/g).every((each) => /alt="[^"]{5,}"/.test(each))).toBe(true)
  expect(
    attributes(page, /<svg([^>]*)>/g).every((each) => /role="img".*aria-label="[^"]{20,}"/s.test(each)),
  ).toBe(true)
  expect(attributes(page, /<th([ >])/g)).toHaveLength(attributes(page, /<th [^>]*(scope)="/g).length)
})

test('it says how good the model is in words, and that nothing is known where there was nothing to compare', () => {
  expect(reportPage(exampleReport).replaceAll(/\s+/g, ' ')).toContain(
    'On 12 images that it never saw, the model reaches a Dice of 0.96 for colony (excellent) and 0.91 for debris ' +
      'or plate edge (very good).',
  )
  const bare: ReportData = {
    ...exampleReport,
    evaluation: undefined,
    training: { ...exampleReport.training, losses: [], validations: [] },
    gallery: [],
    measurements: undefined,
    failures: [],
    nextSteps: [],
  }
  expect(reportPage(bare)).toContain('nothing is known yet about how good this model is')
})

test('curves survive what runs really give: one step, a class that is nowhere, nothing grown yet, a flat line', () => {
  const scores = { dice: [1, NaN, 0], iou: [1, NaN, 0] }
  const page = reportPage({
    ...exampleReport,
    evaluation: { scores, images: 1, description: '' },
    training: {
      ...exampleReport.training,
      losses: [{ step: 1, loss: 0.7 }],
      validations: [{ step: 1, scores }],
      bestStep: 1,
    },
    measurements: {
      csvFile: 'measurements.csv',
      images: 1,
      smallestCounted: undefined,
      classes: [{ classValue: 1, objects: 0, medianArea: NaN, totalArea: 0, unit: 'px' }],
      growth: {
        className: 'colony',
        unit: 'px',
        fields: [{ name: 'A', points: [0, 1].map((hour) => ({ hour, objects: 3, area: 3 * hour })) }],
      },
    },
  })
  expect(page).not.toMatch(/NaN|Infinity|undefined/)
  expect(page).toContain('not in these images')
})

test('the page is one file in its folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'segscope-report-'))
  try {
    const path = await writeReport(folder, exampleReport)
    expect(await readdir(folder)).toEqual(['report.html'])
    expect(await readFile(path, 'utf8')).toBe(reportPage(exampleReport))
  } finally {
    await rm(folder, { recursive: true })
  }
})
