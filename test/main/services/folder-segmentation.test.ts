import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
  appendFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { encode } from 'fast-png'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { readPlane } from '../../../src/main/imaging/read-plane.ts'
import { TiffWriter } from '../../../src/main/imaging/tiff-writer.ts'
import { segmentFolder, type FolderSegmentation } from '../../../src/main/services/folder-segmentation.ts'
import { networkClasses } from '../../../src/main/services/network-classes.ts'
import type { SegmentationEvent } from '../../../src/main/services/segmentation-events.ts'
import { nameOutputs } from '../../../src/main/services/segmentation-outputs.ts'
import { CancelledError } from '../../../src/model/errors.ts'
import { chooseTiling } from '../../../src/model/prediction/predict-image.ts'
import { BoxNetwork } from '../../model/prediction/box-network.ts'
import { noiseImage } from '../../model/prediction/memory-image.ts'

let root: string
let imagesFolder: string
let outFolder: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'segscope-segment-'))
  imagesFolder = join(root, 'images')
  outFolder = join(root, 'out')
  await mkdir(imagesFolder)
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

/** A TIFF of noise, one seed a page. */
async function writeImage(
  name: string,
  { width = 90, height = 70, pages = 1, seed = 1 } = {},
): Promise<string> {
  const path = join(imagesFolder, name)
  await mkdir(dirname(path), { recursive: true })
  const pixelSize = { x: 0.65, y: 0.65, unit: 'µm' }
  const shape = { width, height, sampleType: 'uint16', channels: 1, frames: pages, pixelSize } as const
  const writer = await TiffWriter.create(path, { ...shape, displayRange: [0, 65535] })
  for (let page = 0; page < pages; page++) {
    const { samples } = await noiseImage(width, height, 1, seed + page).read({ x: 0, y: 0, width, height })
    await writer.writeRows(samples as Uint16Array, page)
  }
  await writer.finish()
  return path
}

async function segment(
  names: string[],
  changes: Partial<FolderSegmentation> = {},
): Promise<{
  events: SegmentationEvent[]
  done: number
  skipped: number
  failed: { file: string; code: string; error: string }[]
}> {
  const network = new BoxNetwork(2)
  const events: SegmentationEvent[] = []
  const summary = await segmentFolder({
    images: names.map((name) => join(imagesFolder, name)),
    imagesFolder,
    outFolder,
    predictor: network,
    checkpoint: 'checkpoint 1',
    settings: {
      network: network.facts,
      normalisation: { channels: [{ low: 0, high: 65535 }], scope: 'data set' },
      imageScale: 1,
      tiling: chooseTiling(2 ** 30),
    },
    classes: networkClasses(3),
    probabilities: false,
    flips: false,
    overwrite: false,
    onEvent: (event) => events.push(event),
    ...changes,
  })
  return { events, ...summary }
}

/** All files below the output folder, but for the ledger. */
async function outputs(): Promise<string[]> {
  const entries = await readdir(outFolder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(outFolder.length + 1))
  return files.filter((file) => file !== 'segscope-run.jsonl').sort()
}

describe('segmentFolder', () => {
  test('writes label maps and probabilities, page by page, with the pixel size kept', async () => {
    await writeImage('plate/day 1/a.tif', { pages: 3 })
    const { events, done, failed } = await segment(['plate/day 1/a.tif'], { probabilities: true })
    expect({ done, failed }).toEqual({ done: 1, failed: [] })
    expect(await outputs()).toEqual(['plate/day 1/a.tif', 'plate/day 1/a_probabilities.tif'])
    const labels = await openImage(join(outFolder, 'plate/day 1/a.tif'))
    const probabilities = await openImage(join(outFolder, 'plate/day 1/a_probabilities.tif'))
    expect(labels.info).toMatchObject({ width: 90, height: 70, pages: 3, sampleType: 'uint8' })
    expect(labels.info.pixelSize?.x).toBeCloseTo(0.65)
    expect(probabilities.info).toMatchObject({
      width: 90,
      height: 70,
      channels: 3,
      pages: 3,
      sampleType: 'float32',
    })
    const maps: Uint8Array[] = []
    for (let page = 0; page < 3; page++) {
      const map = (await readPlane(labels, page)).samples as Uint8Array
      const { samples } = await readPlane(probabilities, page)
      const planes = [0, 1, 2].map((index) => samples.subarray(index * map.length, (index + 1) * map.length))
      map.forEach((label, pixel) => {
        const values = planes.map((plane) => plane[pixel] as number)
        if (
          values[label] !== Math.max(...values) ||
          Math.abs(values.reduce((sum, value) => sum + value) - 1) > 1e-5
        ) {
          throw new Error(
            `Pixel ${pixel} of page ${page}: label ${label}, probabilities ${values.join(', ')}`,
          )
        }
      })
      maps.push(map)
    }
    expect(Buffer.from(maps[0] as Uint8Array).equals(Buffer.from(maps[1] as Uint8Array))).toBe(false)
    await labels.close()
    await probabilities.close()
    expect(events.at(-1)).toEqual({ kind: 'progress', fraction: 1, remainingSeconds: 0 })
    const imageDone = events.find((event) => event.kind === 'image-done')
    expect(imageDone).toMatchObject({ file: 'plate/day 1/a.tif', output: 'plate/day 1/a.tif' })
    expect(imageDone?.networkMilliseconds).toBeLessThanOrEqual(imageDone?.milliseconds as number)
  })

  test('goes on where it stopped: done is skipped, what changed is done again', async () => {
    const names = ['a.tif', 'b.tif', 'c.tif', 'd.tif']
    for (const [seed, name] of names.entries()) await writeImage(name, { seed })
    const controller = new AbortController()
    const stopped = segment(names, {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.kind === 'image-done' && event.file === 'b.tif') controller.abort()
      },
    })
    await expect(stopped).rejects.toThrow(CancelledError)
    const before = await outputs()
    expect(before.slice(0, 2)).toEqual(['a.tif', 'b.tif'])
    expect(before.filter((file) => file.includes('partial'))).toEqual([])

    // A crash: the last line is cut, and a result was put in place that the ledger does not know to be complete.
    const ledger = join(outFolder, 'segscope-run.jsonl')
    await appendFile(ledger, '{"kind":"begun","outputs":["d.tif"]}\n{"kind":"done","ima')
    await writeFile(join(outFolder, 'd.tif'), 'half')
    await writeImage('a.tif', { seed: 77 })
    const resumed = await segment(names)
    expect(resumed.failed).toEqual([])
    const skipped = resumed.events.filter((event) => event.kind === 'skipped').map((event) => event.file)
    expect(skipped).toContain('b.tif')
    expect(skipped).not.toContain('a.tif')
    expect(skipped).not.toContain('d.tif')
    expect(resumed.done + resumed.skipped).toBe(4)
    for (const name of names) {
      const image = await openImage(join(outFolder, name))
      expect((await readPlane(image)).samples.length).toBe(90 * 70)
      await image.close()
    }
    expect(await segment(names)).toMatchObject({ done: 0, skipped: 4 })
    expect(await segment(names, { checkpoint: 'checkpoint 2' })).toMatchObject({ done: 4, skipped: 0 })
    expect(await segment(names, { checkpoint: 'checkpoint 2', flips: true })).toMatchObject({
      done: 4,
      skipped: 0,
    })
    expect(
      await segment(names, { checkpoint: 'checkpoint 2', flips: true, probabilities: true }),
    ).toMatchObject({ done: 4 })
  })

  test('never replaces what it did not make, unless told to, and images never', async () => {
    await writeImage('a.tif')
    await writeImage('b.tif')
    await mkdir(outFolder)
    await writeFile(join(outFolder, 'a.tif'), 'drawn by hand')
    const first = await segment(['a.tif', 'b.tif'])
    expect(first.done).toBe(1)
    expect(first.failed).toMatchObject([{ file: 'a.tif', code: 'output-exists' }])
    expect(await readFile(join(outFolder, 'a.tif'), 'utf8')).toBe('drawn by hand')
    // Corrected by hand after the run.
    await appendFile(join(outFolder, 'b.tif'), 'corrected')
    const corrected = (await stat(join(outFolder, 'b.tif'))).size
    expect((await segment(['b.tif'], { checkpoint: 'checkpoint 2' })).failed).toMatchObject([
      { code: 'output-exists' },
    ])
    expect((await stat(join(outFolder, 'b.tif'))).size).toBe(corrected)
    expect(await segment(['a.tif', 'b.tif'], { overwrite: true })).toMatchObject({ done: 2, failed: [] })

    const original = await readFile(join(imagesFolder, 'a.tif'))
    const intoImages = segment(['a.tif'], { outFolder: imagesFolder, overwrite: true })
    await expect(intoImages).rejects.toMatchObject({ code: 'output-overwrites-image' })
    expect((await readFile(join(imagesFolder, 'a.tif'))).equals(original)).toBe(true)
  })

  test('lists what fails with its reason, and does the rest', async () => {
    await writeImage('good 1.tif')
    await writeImage('cut.tif', { width: 900, height: 1500 })
    await truncate(join(imagesFolder, 'cut.tif'), 900_000)
    await writeFile(join(imagesFolder, 'text.tif'), 'not an image at all')
    await writeFile(
      join(imagesFolder, 'two channels.png'),
      encode({ width: 40, height: 30, channels: 3, data: new Uint8Array(3600) }),
    )
    await copyFile(join(imagesFolder, 'good 1.tif'), join(imagesFolder, 'good 2.tif'))
    const { done, failed, events } = await segment([
      'good 1.tif',
      'cut.tif',
      'text.tif',
      'missing.tif',
      'two channels.png',
      'good 2.tif',
    ])
    expect(done).toBe(3)
    expect(failed.map(({ file }) => file)).toEqual(['cut.tif', 'text.tif', 'missing.tif'])
    for (const failure of failed) expect(failure.error).toContain(failure.file)
    expect(events.filter((event) => event.kind === 'failed')).toHaveLength(3)
    expect(await outputs()).toEqual(['good 1.tif', 'good 2.tif', 'two channels.tif'])
  })

  test('lists an image on which the engine fails, and leaves nothing of it', async () => {
    for (const name of ['a.tif', 'b.tif', 'c.tif']) await writeImage(name)
    const network = new BoxNetwork(2)
    let calls = 0
    const failing = {
      run: (images: Parameters<BoxNetwork['run']>[0]) =>
        ++calls === 2 ? Promise.reject(new Error('out of memory')) : network.run(images),
      dispose: () => network.dispose(),
    }
    const { done, failed } = await segment(['a.tif', 'b.tif', 'c.tif'], { predictor: failing })
    expect({ done, failed }).toMatchObject({ done: 2, failed: [{ file: 'b.tif', error: 'out of memory' }] })
    expect(await outputs()).toEqual(['a.tif', 'c.tif'])
  })

  test('gives every result a name of its own, the same in every run', () => {
    const names = (files: string[], probabilities = false): string[] =>
      nameOutputs(
        files.map((file) => join('/images', file)),
        '/images',
        probabilities,
      ).map((job) => job.labels)
    expect(names(['a.png', 'b.tif', 'sub/a.tif'])).toEqual(['a.tif', 'b.tif', 'sub/a.tif'])
    expect(names(['a.png', 'A.tif', 'b.tif'])).toEqual(['a_png.tif', 'A_tif.tif', 'b.tif'])
    expect(names(['a.png', 'a.tif', 'a_png.png'])).toEqual(['a_png.tif', 'a_tif.tif', 'a_png_png.tif'])
    expect(names(['a.tif', 'a_probabilities.tif'])).toEqual(['a.tif', 'a_probabilities.tif'])
    expect(names(['a.tif', 'a_probabilities.tif'], true)).toEqual(['a.tif', 'a_probabilities_tif.tif'])
    expect(names(['movie.ome.tif'])).toEqual(['movie.ome.tif'])
    const omeNames = (files: string[]): string[] =>
      nameOutputs(
        files.map((file) => join('/images', file)),
        '/images',
        false,
      ).map((job) => job.omeName)
    expect(omeNames(['sub/movie.ome.tif', 'a.tif'])).toEqual(['sub/movie', 'a'])
    expect(omeNames(['movie.ome.tif', 'movie.tif'])).toEqual(['movie.ome', 'movie'])
  })
})
