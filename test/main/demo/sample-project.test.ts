import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  SAMPLE_HOURS,
  SAMPLE_SIZE,
  sampleFrames,
  type SampleFrame,
} from '../../../src/main/demo/sample-images.ts'
import { SAMPLE_CLASSES } from '../../../src/main/demo/scene.ts'
import { sparseLabels } from '../../../src/main/demo/sparse-labels.ts'
import { writeSampleProject } from '../../../src/main/demo/write-sample-project.ts'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { CancelledError } from '../../../src/model/errors.ts'
import { UNLABELLED } from '../../../src/model/images/label-map.ts'
import { RandomGenerator } from '../../../src/model/random.ts'

const frames = [...sampleFrames(3)]

function firstFrames(seed: number, count: number): SampleFrame[] {
  const first: SampleFrame[] = []
  for (const frame of sampleFrames(seed)) {
    if (first.push(frame) === count) break
  }
  return first
}

function digest(some: readonly SampleFrame[]): string {
  const hash = createHash('sha256')
  for (const frame of some) hash.update(frame.name).update(frame.picture).update(frame.truth.values)
  return hash.digest('hex')
}

function share(frame: SampleFrame, classValue: number): number {
  return (
    frame.truth.values.reduce((count, value) => count + (value === classValue ? 1 : 0), 0) / SAMPLE_SIZE ** 2
  )
}

/** Mean difference between pixels three apart, where the truth, moved right by `shift`, says `classValue`. */
function roughness({ picture, truth }: SampleFrame, classValue: number, shift = 0): number {
  let sum = 0
  let count = 0
  for (let y = 3; y < SAMPLE_SIZE - 3; y++) {
    for (let x = 3 + shift; x < SAMPLE_SIZE - 3; x++) {
      const at = y * SAMPLE_SIZE + x
      if (truth.values[at - shift] !== classValue) continue
      sum += Math.abs((picture[at] as number) - (picture[at + 3] as number))
      count++
    }
  }
  return sum / count
}

test('the same seed gives the same pixels, another seed others', () => {
  expect(digest(firstFrames(3, 7))).toBe(digest(frames.slice(0, 7)))
  expect(digest(firstFrames(4, 7))).not.toBe(digest(frames.slice(0, 7)))
})

test('pictures are a 12-bit camera’s: well exposed, uneven, with a few hot pixels that say nothing', () => {
  for (const { picture } of frames) {
    const sorted = picture.slice().sort()
    const at = (percentile: number) => sorted[Math.floor((sorted.length - 1) * percentile)] as number
    expect(at(0)).toBeGreaterThan(100)
    expect(at(0.5)).toBeGreaterThan(500)
    expect(at(0.5)).toBeLessThan(1600)
    expect(at(0.9999)).toBeLessThan(4095)
    expect(at(1)).toBeLessThanOrEqual(4095)
    expect(at(1)).toBeGreaterThan(1.15 * at(0.9995))
  }
})

test('colonies are where the truth says, and grow from picture to picture', () => {
  for (const frame of frames) {
    expect(roughness(frame, 1)).toBeGreaterThan(2.2 * roughness(frame, 0))
    // moved by a cell, the truth would call parts of colonies bare agar
    expect(roughness(frame, 0, 9)).toBeGreaterThan(roughness(frame, 0))
  }
  for (const field of Map.groupBy(frames, (frame) => frame.field).values()) {
    expect(field.map((frame) => frame.hour)).toEqual([...SAMPLE_HOURS])
    const shares = field.map((frame) => share(frame, 1))
    expect(shares).toEqual(shares.toSorted((first, second) => first - second))
    expect(shares.at(-1)).toBeGreaterThan(0.05)
  }
})

test('held-out fields are seen nowhere else, and all classes are in each part', () => {
  const fieldsOf = (role: SampleFrame['role']) =>
    new Set(frames.filter((frame) => frame.role === role).map((frame) => frame.field))
  expect([...fieldsOf('held out')].filter((field) => fieldsOf('labelled').has(field))).toEqual([])
  for (const frame of frames) {
    for (const classValue of SAMPLE_CLASSES.keys()) expect(share(frame, classValue)).toBeGreaterThan(0.002)
  }
})

test('strokes are true, sparse, and in every class', () => {
  const random = new RandomGenerator(1)
  for (const { truth } of frames.filter((frame) => frame.role === 'labelled')) {
    const { values } = sparseLabels(truth, random)
    const painted = [...values.keys()].filter((at) => values[at] !== UNLABELLED)
    expect(painted.every((at) => values[at] === truth.values[at])).toBe(true)
    expect(painted.length / values.length).toBeGreaterThan(0.015)
    expect(painted.length / values.length).toBeLessThan(0.07)
    expect(new Set(painted.map((at) => values[at]))).toEqual(new Set(SAMPLE_CLASSES.keys()))
  }
})

test('the project on disk is the frames, readable as any lab’s files are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'segscope-sample-'))
  try {
    const project = await writeSampleProject(folder, { seed: 3 })
    const names = (role: SampleFrame['role']) =>
      frames.filter((frame) => frame.role === role).map((frame) => `${frame.name}.tif`)
    expect(await readdir(project.imagesFolder)).toEqual(frames.map((frame) => `${frame.name}.tif`))
    expect(await readdir(project.labelsFolder)).toEqual(names('labelled'))
    expect(await readdir(project.truthFolder)).toEqual(names('held out'))
    const image = await openImage(join(project.imagesFolder, 'field_D_08h.tif'))
    expect(image.info.sampleType).toBe('uint16')
    expect(image.info.pixelSize).toEqual({ x: 0.5, y: 0.5, unit: 'µm' })
    const raster = await image.read({ x: 0, y: 0, width: SAMPLE_SIZE, height: SAMPLE_SIZE })
    await image.close()
    expect(raster.samples).toEqual(frames.find((frame) => frame.name === 'field_D_08h')?.picture)
    const again = writeSampleProject(folder, { seed: 3, signal: AbortSignal.abort() })
    await expect(again).rejects.toThrow(CancelledError)
  } finally {
    await rm(folder, { recursive: true })
  }
})
