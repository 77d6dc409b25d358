import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { sharedFolder } from '../shared.ts'
import type { Outcome } from './read-images.ts'
import { Reader } from './reader-process.ts'

const reader = new Reader()
afterEach(() => {
  reader.stop()
})

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** The rows of a table of tab-separated values, by their first column; comments and the head left out. */
function readTable(path: string): Map<string, string[]> {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  const rows = lines.filter((line) => !line.startsWith('#')).slice(1)
  return new Map(rows.map((row) => row.split('\t')).map(([file = '', ...columns]) => [file, columns]))
}

async function readAll(files: string[]): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  for (const file of files) outcomes.set(file, await reader.read(file))
  return outcomes
}

function expectPicturesAndRefusals(outcomes: Map<string, Outcome>): void {
  expect([...outcomes].filter(([, outcome]) => outcome.kind === 'defect')).toEqual([])
  for (const [file, outcome] of outcomes) {
    if (outcome.kind !== 'refused') continue
    expect(outcome).toMatchObject({ file, message: expect.stringContaining(file) as string })
  }
  expect(reader.peakBytes).toBeLessThan(2 ** 30)
}

const columns = ['files', 'read', 'same', 'tifffile', 'Pillow', 'libtiff'] as const

describe.skipIf(sharedFolder === undefined)('files that lie, are cut or are odd', () => {
  const data = join(sharedFolder ?? '', 'data')

  test('every malformed file ends in a picture or a plain error', async () => {
    const outcomes = await readAll(listFiles(join(data, 'tiff_malformed/malformed')))
    expect(outcomes.size).toBe(359)
    expectPicturesAndRefusals(outcomes)
  })

  test('the conformance files are read as independent readers read them, and as docs/formats.md says', async () => {
    const folder = join(data, 'tiff_conformance/images')
    const baseline = readTable(join(data, 'tiff_conformance/baseline.tsv'))
    const digests = readTable(join(import.meta.dirname, 'conformance-digests.tsv'))
    const outcomes = await readAll(listFiles(folder))
    expectPicturesAndRefusals(outcomes)

    const counts = new Map<string, Record<(typeof columns)[number], number>>()
    for (const [path, outcome] of outcomes) {
      const file = relative(folder, path)
      const [tifffile = '', pillow = '', libtiff = ''] = baseline.get(file) ?? []
      const isSame = outcome.kind === 'picture' && (digests.get(file) ?? []).includes(outcome.digest)
      for (const row of [file.slice(0, file.indexOf('/')), 'all']) {
        const count = counts.get(row) ?? { files: 0, read: 0, same: 0, tifffile: 0, Pillow: 0, libtiff: 0 }
        count.files += 1
        count.read += Number(outcome.kind === 'picture')
        count.same += Number(isSame)
        count.tifffile += Number(tifffile.startsWith('OK'))
        count.Pillow += Number(pillow.startsWith('OK'))
        count.libtiff += Number(libtiff === 'rc0')
        counts.set(row, count)
      }
    }
    const table = [...counts]
      .sort(([one], [other]) => Number(one === 'all') - Number(other === 'all') || one.localeCompare(other))
      .map(([row, count]) => `| ${row} | ${columns.map((column) => String(count[column])).join(' | ')} |`)
    const documented = readFileSync(resolve(import.meta.dirname, '../../docs/formats.md'), 'utf8')
    expect(documented.replaceAll(/ +/g, ' ')).toContain(table.join('\n'))
  })
})
