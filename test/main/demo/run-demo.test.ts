import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openDemoProject } from '../../../src/main/demo/demo-folder.ts'
import { type DemoReporter, type DemoResult, runDemo } from '../../../src/main/demo/run-demo.ts'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { readLabelMap } from '../../../src/main/imaging/read-label-map.ts'
import { createProject } from '../../../src/main/services/project.ts'
import { CancelledError } from '../../../src/model/errors.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const classNames = ['background', 'colony', 'debris or plate edge']

class RecordingReporter implements DemoReporter {
  readonly fractions: number[] = []
  readonly messages: string[] = []
  /** Warnings and files that failed. */
  readonly complaints: string[] = []
  readonly #onProgress: (label: string) => void

  constructor(onProgress: (label: string) => void = () => undefined) {
    this.#onProgress = onProgress
  }

  progress(fraction: number, label: string): void {
    this.fractions.push(fraction)
    this.#onProgress(label)
  }

  info(message: string): void {
    this.messages.push(message)
  }

  warn(message: string): void {
    this.complaints.push(message)
  }

  failed(file: string): void {
    this.complaints.push(file)
  }
}

async function smallDemo(folder: string, reporter: DemoReporter, signal?: AbortSignal): Promise<DemoResult> {
  const project = await openDemoProject(folder)
  try {
    const request = {
      training: { steps: 2 },
      sampleSize: 128,
      signal: signal ?? new AbortController().signal,
    }
    return await runDemo(project, request, reporter)
  } finally {
    project.close()
  }
}

/** The rows of a table without its heading, by column name. */
function readTable(path: string): Record<string, string>[] {
  const [heading = [], ...rows] = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))
  return rows.map((row) => Object.fromEntries(heading.map((name, column) => [name, row[column] ?? ''])))
}

/** Pixels of a class in all masks, in all truths of held-out frames, and in both there. */
async function countPixels(folder: string, masks: string, classValue: number) {
  const counts = { masks: 0, masksOfHeldOut: 0, truth: 0, both: 0 }
  for (const name of readdirSync(join(folder, 'images'))) {
    const mask = await readLabelMap(join(masks, name), 'classes', classNames.length)
    const truthPath = join(folder, 'truth', name)
    const truth = existsSync(truthPath) ? await readLabelMap(truthPath, 'classes') : undefined
    mask.values.forEach((value, at) => {
      const found = value === classValue
      const there = truth?.values[at] === classValue
      if (found) counts.masks++
      if (found && truth !== undefined) counts.masksOfHeldOut++
      if (there) counts.truth++
      if (found && there) counts.both++
    })
  }
  return counts
}

/** Stops the demo at its first training step, and paints on one of the labels. */
async function stopAndPaint(folder: string): Promise<{ painted: string; bytes: Buffer }> {
  const stop = new AbortController()
  const reporter = new RecordingReporter((label) => {
    if (label.includes('step 1 ')) stop.abort(new CancelledError())
  })
  await expect(smallDemo(folder, reporter, stop.signal)).rejects.toThrow(/Stopped at step 1.*--resume \S+$/)
  const painted = join(folder, 'labels', 'field_A_06h.tif')
  const bytes = readFileSync(join(folder, 'labels', 'field_A_10h.tif'))
  writeFileSync(painted, bytes)
  return { painted, bytes }
}

test('stopped, the demo keeps its training; run again, it leaves all that it promises, and what was painted', async () => {
  const folder = join(temporaryFolder(), 'demo')
  const { painted, bytes } = await stopAndPaint(folder)
  const reporter = new RecordingReporter()
  const { files, scores, outcome, images, objects, growth } = await smallDemo(folder, reporter)
  expect(readFileSync(painted)).toEqual(bytes)
  const project = await openDemoProject(folder)
  expect(project.experiments.list().map(({ status }) => status)).toEqual(['stopped', 'finished'])
  expect(project.checkpoints.find(outcome.checkpoint)?.experiment).toBe(outcome.experiment)
  project.close()

  expect(reporter.complaints).toEqual([])
  expect(reporter.messages.filter((message) => message.includes('Step 2: Dice of colony'))).toHaveLength(1)
  expect(reporter.fractions).toEqual(reporter.fractions.toSorted((one, other) => one - other))
  expect(reporter.fractions.at(-1)).toBe(1)
  expect(images).toEqual({ segmented: 30, compared: 12 })

  const names = readdirSync(join(folder, 'images')).map((name) => name.slice(0, -'.tif'.length))
  expect(names).toHaveLength(30)
  for (const name of names) {
    const mask = await openImage(join(files.masks, `${name}.tif`))
    expect(mask.info).toMatchObject({ width: 128, height: 128, pixelSize: { x: 0.5, y: 0.5, unit: 'µm' } })
    await mask.close()
  }
  const heldOut = readdirSync(join(folder, 'truth')).map((name) => name.slice(0, -'.tif'.length))
  expect(readdirSync(files.overlays).sort()).toEqual(
    [
      ...names.flatMap((name) => [`${name}.png`, `${name}_image.png`]),
      ...heldOut.map((name) => `${name}_truth.png`),
    ].sort(),
  )

  const table = readTable(files.measurements)
  expect(table).toHaveLength(objects)
  for (const classValue of [1, 2]) {
    const counts = await countPixels(folder, files.masks, classValue)
    const rows = table.filter((row) => row['class'] === String(classValue))
    expect(rows.reduce((sum, row) => sum + Number(row['area_px']), 0)).toBe(counts.masks)
    expect(rows.every((row) => Number(row['area_um2']) === 0.25 * Number(row['area_px']))).toBe(true)
    expect(scores.dice[classValue]).toBeCloseTo(
      (2 * counts.both) / (counts.masksOfHeldOut + counts.truth),
      10,
    )
  }
  const grown = growth.flatMap(({ points }) => points.map(({ area }) => area))
  const cells = table.filter((row) => row['class'] === '1' && Number(row['area_um2']) >= 10)
  expect(grown).toHaveLength(30)
  expect(grown.reduce((sum, area) => sum + area, 0)).toBeCloseTo(
    cells.reduce((sum, row) => sum + Number(row['area_um2']), 0),
    6,
  )
  const curve = readTable(files.learningCurve)
  expect(curve.map((row) => row['step'])).toEqual(['1', '2'])
  expect(curve.every((row) => Number(row['loss']) > 0)).toBe(true)
  expect(Number(curve.at(-1)?.['validation_dice_colony'])).toBeGreaterThanOrEqual(0)

  const page = readFileSync(files.report, 'utf8')
  const links = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link as string)
  expect(links.length).toBeGreaterThan(10)
  for (const link of links)
    expect(existsSync(fileURLToPath(new URL(link, pathToFileURL(files.report))))).toBe(true)
  expect(page).not.toMatch(/NaN|undefined/)
}, 300_000)

describe('the demo does not write into', () => {
  test('a folder with other files', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'thesis.docx'), '')
    await expect(openDemoProject(folder)).rejects.toMatchObject({ code: 'not-a-demo' })
    expect(readdirSync(folder)).toEqual(['thesis.docx'])
  })

  test("somebody's project", async () => {
    const folder = temporaryFolder()
    const project = await createProject(folder, { door: 'command line', name: 'Aneuploid strains' })
    project.close()
    mkdirSync(join(folder, 'images'))
    await expect(openDemoProject(folder)).rejects.toThrow(/Aneuploid strains/)
    expect(readdirSync(join(folder, 'images'))).toEqual([])
  })
})
