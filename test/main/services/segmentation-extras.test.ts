import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { readPlane } from '../../../src/main/imaging/read-plane.ts'
import { TiffWriter } from '../../../src/main/imaging/tiff-writer.ts'
import { networkClasses } from '../../../src/main/services/network-classes.ts'
import { type SegmentationExtras, writeExtras } from '../../../src/main/services/segmentation-extras.ts'
import { fileStateOf, SegmentationLedger } from '../../../src/main/services/segmentation-ledger.ts'
import { CancelledError } from '../../../src/model/errors.ts'
import { labelFormatSchema } from '../../../src/preload/contract/label-formats.ts'
import { drawLabels, type MemoryLabels } from '../../interop/memory-labels.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const pixelSize = { x: 0.5, y: 0.25, unit: 'µm' }
const classes = networkClasses(4, ['background', 'colony', 'debris', 'rim & edge'])
const maps: Record<string, MemoryLabels> = {
  'a.tif': touchingDiscs(),
  'sub/stack.tif': drawLabels(120, 90, 2, 3),
}

/** Two images with results that a run left, and what they were segmented into. */
async function segmented() {
  const folder = temporaryFolder()
  const [imagesFolder, outFolder] = [join(folder, 'images'), join(folder, 'out')]
  for (const each of [imagesFolder, outFolder]) await mkdir(join(each, 'sub'), { recursive: true })
  const ledger = await SegmentationLedger.open(outFolder)
  for (const [name, map] of Object.entries(maps)) {
    await writeMap(join(imagesFolder, name), map)
    await ledger.begin([name])
    await writeMap(join(outFolder, name), map)
    await ledger.complete({ bytes: 1, modified: 1 }, 'a recipe', [name])
  }
  await ledger.close()
  const write = async (
    changes: Partial<SegmentationExtras> = {},
    { stopping = new AbortController(), onImage = (): void => undefined } = {},
  ) => {
    const failed: string[] = []
    await writeExtras(
      {
        images: Object.keys(maps).map((name) => join(imagesFolder, name)),
        imagesFolder,
        outFolder,
        probabilities: false,
        overlays: true,
        measurements: true,
        formats: labelFormatSchema.options,
        classes,
        splitting: new Map([[1, 0.8]]),
        overwrite: false,
        ...changes,
      },
      {
        onProgress: () => onImage(),
        onFailed: ({ file, code }) => failed.push(`${file}: ${code}`),
      },
      stopping.signal,
    )
    return failed
  }
  return { outFolder, write }
}

test('results are written in every format, for each image, with objects split as they are measured', async () => {
  const { outFolder, write } = await segmented()
  expect(await write()).toEqual([])
  const names = (await readdir(outFolder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(outFolder.length + 1))
  for (const expected of [
    'coco.json',
    'geojson/a.geojson',
    'geojson/sub/stack.geojson',
    'hdf5/sub/stack.h5',
    'ome-tiff/sub/stack.ome.tif',
    'png/a.png',
    'png/sub/stack_page0002.png',
    'rois/a.zip',
  ])
    expect(names).toContain(expected)
  expect(names.filter((name) => /\.(partial|part)$/.test(name))).toEqual([])

  for (const [name, map] of Object.entries(maps)) {
    const source = await openImage(join(outFolder, `ome-tiff/${name.replace('.tif', '.ome.tif')}`))
    expect(source.info).toMatchObject({ pages: map.info.pages, pixelSize })
    for (let page = 0; page < map.info.pages; page++) {
      expect((await readPlane(source, page)).samples).toEqual(map.page(page))
    }
    await source.close()
    const zarr = `ome-zarr/${name.replace('.tif', '.ome.zarr')}`
    for (const address of [zarr, `${zarr}?image=labels%2Fclasses`]) {
      const both = await openImage(join(outFolder, address))
      expect(both.info).toMatchObject({
        pages: map.info.pages,
        pixelSize,
      })
      for (let page = 0; page < map.info.pages; page++) {
        expect((await readPlane(both, page)).samples).toEqual(map.page(page))
      }
      await both.close()
    }
  }
  const rows = (await readFile(join(outFolder, 'measurements.csv'), 'utf8')).trim().split('\n').slice(1)
  const ofFirst = rows.filter((row) => row.startsWith('a.tif')).length
  expect(ofFirst).toBe(3)
  const geojson = JSON.parse(await readFile(join(outFolder, 'geojson/a.geojson'), 'utf8')) as {
    features: { properties: { classification: { name: string } } }[]
  }
  expect(geojson.features.map(({ properties }) => properties.classification.name)).toEqual([
    'colony',
    'colony',
    'debris',
  ])
  const coco = JSON.parse(await readFile(join(outFolder, 'coco.json'), 'utf8')) as {
    images: { file_name: string }[]
    annotations: unknown[]
  }
  expect(coco.images.map(({ file_name }) => file_name)).toEqual([
    'a.tif',
    'sub/stack.tif#1',
    'sub/stack.tif#2',
  ])
  expect(coco.annotations).toHaveLength(rows.length)
})

test('what is written of the same result stays; another splitting makes the objects anew and nothing else', async () => {
  const { outFolder, write } = await segmented()
  await write()
  const files = [
    'ome-zarr/a.ome.zarr/.zattrs',
    'ome-tiff/a.ome.tif',
    'hdf5/a.h5',
    'png/a.png',
    'geojson/a.geojson',
    'rois/a.zip',
  ]
  const times = () =>
    Promise.all(files.map(async (file) => (await stat(join(outFolder, file), { bigint: true })).mtimeNs))
  const before = await times()
  await write()
  expect(await times()).toEqual(before)
  await rm(join(outFolder, 'hdf5/a.h5'))
  await write({ splitting: new Map() })
  const after = await times()
  expect(files.filter((_, index) => after[index] !== before[index])).toEqual([
    'hdf5/a.h5',
    'geojson/a.geojson',
    'rois/a.zip',
  ])
})

test('files that no run left stay and are told, the others written; replaced when that is asked for', async () => {
  const { outFolder, write } = await segmented()
  await mkdir(join(outFolder, 'geojson'))
  const mine = [join(outFolder, 'geojson/a.geojson'), join(outFolder, 'coco.json')] as const
  for (const path of mine) await writeFile(path, 'mine')
  expect(await write()).toEqual(['geojson/a.geojson: output-exists', 'coco.json: output-exists'])
  for (const path of mine) expect(await readFile(path, 'utf8')).toBe('mine')
  expect(await fileStateOf(join(outFolder, 'geojson/sub/stack.geojson'))).toBeDefined()
  expect(await write({ overwrite: true })).toEqual([])
  for (const path of mine) expect((await readFile(path, 'utf8')).startsWith('{')).toBe(true)

  // A file that was changed since is nobody's but the person's who changed it.
  await writeFile(mine[0], 'changed')
  await writeFile(join(outFolder, 'ome-zarr/a.ome.zarr/labels/mine.txt'), 'mine')
  expect(await write()).toEqual(['ome-zarr/a.ome.zarr: output-exists', 'geojson/a.geojson: output-exists'])
  expect(await write({ overwrite: true })).toEqual([])
  expect(await readdir(join(outFolder, 'ome-zarr/a.ome.zarr/labels'))).not.toContain('mine.txt')
  expect(await readdir(join(outFolder, 'ome-zarr'))).toEqual(['a.ome.zarr', 'sub'])
})

test('what is stopped leaves nothing half written, and goes on', async () => {
  const { outFolder, write } = await segmented()
  const stopping = new AbortController()
  const stopped = write({}, { stopping, onImage: () => stopping.abort(new CancelledError()) })
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
  const names = await readdir(outFolder, { recursive: true })
  expect(names).toContain(join('geojson', 'a.geojson'))
  expect(names).not.toContain(join('geojson', 'sub', 'stack.geojson'))
  expect(names.filter((name) => /\.(partial|part)$/.test(name))).toEqual([])
  expect(await write()).toEqual([])
  expect(await readdir(outFolder, { recursive: true })).toContain(join('geojson', 'sub', 'stack.geojson'))
})

test('overlays have the colours of the classes, and are drawn anew when these change', async () => {
  const { outFolder, write } = await segmented()
  const overlay = async (): Promise<Set<string>> => {
    const source = await openImage(join(outFolder, 'overlays/a.png'))
    const { samples, width, height } = await readPlane(source)
    await source.close()
    const pixels = width * height
    const hexadecimal = (value: number | undefined): string => (value ?? 0).toString(16).padStart(2, '0')
    return new Set(
      Array.from(
        { length: pixels },
        (_, at) => `#${[0, 1, 2].map((channel) => hexadecimal(samples[channel * pixels + at])).join('')}`,
      ),
    )
  }
  await write({ formats: [] })
  const usual = classes.map(({ colour }) => colour.toLowerCase())
  const first = await overlay()
  expect(usual.map((colour) => first.has(colour))).toEqual([false, true, true, false])

  const own = ['#000000', '#12c8fa', '#fa1290', '#00ff00']
  const recoloured = classes.map((each, value) => ({ ...each, colour: own[value] as string }))
  await write({ formats: [], classes: recoloured })
  const second = await overlay()
  expect(own.slice(1, 3).every((colour) => second.has(colour))).toBe(true)
  expect(second.has(usual[1] as string)).toBe(false)
})

/** Two discs of one class that touch, and one of another. */
function touchingDiscs(): MemoryLabels {
  const labels = drawLabels(140, 80, 1)
  const { values, info } = labels
  values.fill(0)
  for (const [x, y, value] of [
    [30, 40, 1],
    [52, 40, 1],
    [110, 40, 2],
  ] as const) {
    for (let at = 0; at < values.length; at++) {
      if (Math.hypot((at % info.width) - x, Math.floor(at / info.width) - y) < 13) values[at] = value
    }
  }
  return labels
}

async function writeMap(path: string, map: MemoryLabels): Promise<void> {
  const { width, height, pages } = map.info
  const writer = await TiffWriter.create(path, {
    ...{ width, height, frames: pages, channels: 1, sampleType: 'uint8', pixelSize },
    displayRange: [0, 255],
  })
  for (let page = 0; page < pages; page++) await writer.writeRows(map.page(page), page)
  await writer.finish()
}
