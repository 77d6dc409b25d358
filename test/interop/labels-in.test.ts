import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SegscopeError } from '../../src/model/errors.ts'
import { fileOf } from '../../src/preload/contract/image-address.ts'
import { openFittingLabels } from '../../src/main/imaging/label-readers/open-fitting-labels.ts'
import { namesInLabels } from '../../src/main/imaging/label-readers/open-labels.ts'
import { listImages } from '../../src/main/imaging/list-images.ts'
import { openImage } from '../../src/main/imaging/open-image.ts'
import { pairImagesWithLabels } from '../../src/main/imaging/pair-labels.ts'
import { readLabelPage } from '../../src/main/imaging/read-label-map.ts'
import { readTrainingData } from '../../src/main/services/training-data.ts'
import { isMissing, runPython } from './python.ts'

interface Entry {
  kind: string
  image: string
  label: string
  pages: number
  names: string[]
  /** Labelled pixels. */
  found: number
  digest: string
}

describe.skipIf(isMissing)('labels written by other libraries are read pixel for pixel', () => {
  let folder: string
  let entries: Entry[] = []
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'segscope-test-'))
    entries = (await runPython('write_labels.py', folder)) as Entry[]
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  test.each(['cellpose', 'imagej', 'qupath', 'coco', 'ilastik', 'ilastik-project', 'ome-zarr'])(
    '%s',
    async (kind) => {
      const ofKind = entries.filter((entry) => entry.kind === kind)
      expect(ofKind.length).toBeGreaterThan(1)
      const imagesFolder = join(folder, kind, 'images')
      const labelsFolder = kind === 'ome-zarr' ? imagesFolder : join(folder, kind, 'labels')
      const images = await listImages(imagesFolder)
      const guessed = await pairImagesWithLabels(images, imagesFolder, labelsFolder)
      for (const entry of ofKind) {
        expect(entry.found, entry.image).toBeGreaterThan(100)
        const pairs = entry.label.includes('_RoiSet')
          ? await pairImagesWithLabels(images, imagesFolder, labelsFolder, '_RoiSet')
          : guessed
        const pair = pairs.find(({ image }) => basename(image) === entry.image)
        expect(basename(fileOf(pair?.label ?? ''))).toBe(entry.label)
        const { label, image } = pair as { label: string; image: string }
        expect(await namesInLabels(label), entry.label).toEqual(entry.names)
        expect(await readStored(label, image, entry), entry.label).toEqual({
          found: entry.found,
          digest: entry.digest,
        })
      }
    },
  )

  test('training learns from a project of ilastik and from label images of OME-Zarr, page by page', async () => {
    const read = (kind: string, labels: string) =>
      readTrainingData(
        { imagesFolder: join(folder, kind, 'images'), labelsFolder: join(folder, kind, labels) },
        join(folder, 'made'),
        () => undefined,
      )
    const strokes = await read('ilastik-project', 'labels')
    expect(strokes.labelValues).toBe('zero-unlabelled')
    expect(strokes.fingerprint.classes.map(({ name }) => name)).toEqual(['Background', 'Zelle µ'])
    const numbered = await read('ome-zarr', 'images')
    expect(numbered.labelValues).toBe('binary')
    for (const [kind, data] of [
      ['ilastik-project', strokes],
      ['ome-zarr', numbered],
    ] as const) {
      expect(data.fingerprint.unreadable).toEqual([])
      // Of ilastik all classes are labels; of numbered objects 1 is what is none of the background.
      const painted = data.labelled.map(({ classPixels }) =>
        classPixels.slice(kind === 'ome-zarr' ? 1 : 0).reduce((sum, pixels) => sum + pixels, 0),
      )
      const expected = entries.filter((entry) => entry.kind === kind)
      expect(painted.reduce((sum, pixels) => sum + pixels, 0)).toBe(
        expected.reduce((sum, { found }) => sum + found, 0),
      )
      expect(data.labelled.some(({ path }) => path.includes('page='))).toBe(true)
    }
  })

  test('labels of another image are refused by name', async () => {
    const image = { path: join(folder, 'cellpose', 'images', 'two.tif'), width: 40, height: 30, pages: 1 }
    for (const { kind, label, names } of entries.filter(({ kind: each }) => each !== 'coco')) {
      const path = join(folder, kind, kind === 'ome-zarr' ? 'images' : 'labels', label)
      const named = kind === 'ilastik-project' ? { ...image, path: '/elsewhere/flat.tif', zPlanes: 1 } : image
      const thrown: unknown = await openFittingLabels({ path, image: named, names }).catch(
        (error: unknown) => error,
      )
      expect(thrown, path).toBeInstanceOf(SegscopeError)
      expect(thrown).toMatchObject({ code: 'label-size-differs', file: path })
    }
  })

  test('points have no area, and are refused by name', async () => {
    const path = join(folder, 'imagej', 'labels', 'points.roi')
    const image = { path: 'points.tif', width: 101, height: 83, pages: 1 }
    await expect(openFittingLabels({ path, image, names: [] })).rejects.toMatchObject({
      code: 'labels-unsupported',
      message: expect.stringContaining('point') as string,
    })
  })
})

async function readStored(label: string, image: string, entry: Entry) {
  const source = await openImage(image)
  await source.close()
  const { width, height, pages } = source.info
  expect(pages).toBe(entry.pages)
  const labels = await openFittingLabels({
    path: label,
    image: { path: image, width, height, pages },
    names: entry.names,
  })
  try {
    const hash = createHash('sha256')
    let found = 0
    for (let page = 0; page < pages; page++) {
      const values = Uint32Array.from((await readLabelPage(labels, page)).values)
      found += values.reduce((sum, value) => sum + Number(value > 0), 0)
      hash.update(values)
    }
    return { found, digest: hash.digest('hex') }
  } finally {
    await labels.close()
  }
}
