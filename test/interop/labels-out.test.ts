import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CocoFile } from '../../src/main/imaging/label-writers/coco.ts'
import { writeGeoJson } from '../../src/main/imaging/label-writers/geojson.ts'
import { writeIlastikHdf5 } from '../../src/main/imaging/label-writers/ilastik-hdf5.ts'
import { writeIndexedPng } from '../../src/main/imaging/label-writers/indexed-png.ts'
import { writeOmeTiff } from '../../src/main/imaging/label-writers/ome-tiff.ts'
import { writeOmeZarr } from '../../src/main/imaging/label-writers/ome-zarr.ts'
import { writeRoiSet } from '../../src/main/imaging/label-writers/roi-set.ts'
import type { WrittenLabels } from '../../src/main/imaging/label-writers/written-labels.ts'
import { openImage } from '../../src/main/imaging/open-image.ts'
import { readPlane } from '../../src/main/imaging/read-plane.ts'
import { TiffWriter } from '../../src/main/imaging/tiff-writer.ts'
import { SegmentationWriter } from '../../src/main/services/segmentation-writer.ts'
import { networkClasses } from '../../src/main/services/network-classes.ts'
import type { ImageSource } from '../../src/model/images/image-source.ts'
import { objectMasks } from '../../src/model/prediction/object-masks.ts'
import { RandomGenerator } from '../../src/model/random.ts'
import { cropRaster } from '../../src/main/imaging/regions.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { digestOf, drawLabels, type MemoryLabels } from './memory-labels.ts'
import { isMissing, runPython } from './python.ts'

const classes = networkClasses(4, ['background', 'colony', 'debris', 'rim & edge'])
const colours = [
  [0, 0, 0],
  [0xe6, 0x9f, 0x00],
  [0x56, 0xb4, 0xe9],
  [0x00, 0x9e, 0x73],
]
const single = drawLabels(601, 333, 1)
const stack = drawLabels(300, 270, 3, 2)

test.skipIf(isMissing)(
  'label maps as TIFF: ImageJ axes, unit and colours; grey for programs that look for palettes',
  async () => {
    const path = join(temporaryFolder(), 'labels.tif')
    const { width, height, pages } = stack.info
    const writer = await TiffWriter.create(path, {
      width,
      height,
      frames: pages,
      channels: 1,
      sampleType: 'uint8',
      pixelSize: { x: 0.25, y: 0.5, unit: 'µm' },
      displayRange: [0, 255],
      classes,
    })
    for (let page = 0; page < pages; page++) await writer.writeRows(stack.page(page), page)
    await writer.finish()
    const [found] = (await runPython('read_labels.py', 'tiff', path)) as [Record<string, unknown>]
    expect(found).toMatchObject({
      axes: 'TYX',
      shape: [3, height, width],
      dtype: 'uint8',
      digest: digestOf(stack.values),
      photometric: 'MINISBLACK',
      colours,
      imagej: { unit: 'micron', frames: 3 },
      resolution: [4, 2],
    })
  },
)

test.skipIf(isMissing)(
  'probabilities: a hyperstack of ImageJ with the classes for channels; z and time are kept',
  async () => {
    const folder = temporaryFolder()
    const [width, height, zPlanes, times] = [90, 70, 2, 3]
    const info = { ...stack.info, width, height, pages: zPlanes * times, zPlanes }
    const paths = { one: resultPaths('one'), stack: resultPaths('stack') }
    const random = new RandomGenerator(8)
    const values: Record<'one' | 'stack', number[]> = { one: [], stack: [] }
    for (const [name, pages] of [
      ['one', 1],
      ['stack', info.pages],
    ] as const) {
      const image = {
        ...info,
        pages,
        zPlanes: Math.min(pages, zPlanes),
        pixelSize: { x: 0.25, y: 0.5, unit: 'µm' },
      }
      const job = { image: '', file: name, omeName: name, renamed: false, ...paths[name] }
      const writer = await SegmentationWriter.create(job, folder, image, classes)
      for (let page = 0; page < pages; page++) {
        const probabilities = classes.map(() =>
          Float32Array.from({ length: width * height }, () => random.uniform(0, 1)),
        )
        values[name].push(...probabilities.flatMap((plane) => [...plane]))
        const labels = new Uint8Array(width * height).fill(page)
        await writer.write(page, { y: 0, height, labels, probabilities })
      }
      await writer.finish()
    }
    const found = (await runPython(
      'read_labels.py',
      'tiff',
      ...[paths.one, paths.stack].flatMap((each) => [
        join(folder, each.probabilities),
        join(folder, each.labels),
      ]),
    )) as Record<string, unknown>[]
    const names = classes.map(({ name }) => name)
    const digest = (samples: number[]) => digestOf(new Uint8Array(Float32Array.from(samples).buffer))
    expect(found).toMatchObject([
      {
        axes: 'CYX',
        shape: [4, height, width],
        dtype: 'float32',
        digest: digest(values.one),
        labels: names,
        imagej: { unit: 'micron', channels: 4, hyperstack: true, min: 0, max: 1 },
        resolution: [4, 2],
      },
      { axes: 'YX', labels: null },
      {
        axes: 'TZCYX',
        shape: [times, zPlanes, 4, height, width],
        digest: digest(values.stack),
        labels: Array.from({ length: info.pages }, () => names).flat(),
        imagej: { slices: zPlanes, frames: times },
      },
      { axes: 'TZYX', shape: [times, zPlanes, height, width], colours, resolution: [4, 2] },
    ])
    const ours = await openImage(join(folder, paths.stack.probabilities))
    expect(ours.info).toMatchObject({
      channels: 4,
      pages: info.pages,
      zPlanes,
      pixelSize: { x: 0.25, y: 0.5, unit: 'µm' },
    })
    const { samples } = await readPlane(ours, 5)
    expect(samples).toEqual(Float32Array.from(values.stack.slice(-4 * width * height)))
    await ours.close()
  },
)

test.skipIf(isMissing)('a stack keeps its planes and times, and how far they lie apart', async () => {
  const path = join(temporaryFolder(), 'labels.tif')
  const deep = drawLabels(60, 50, 6, 3)
  const writer = await TiffWriter.create(path, {
    ...{ width: 60, height: 50, slices: 3, frames: 2, channels: 1, sampleType: 'uint8' },
    pixelSize: { x: 0.25, y: 0.25, unit: 'µm' },
    pageSpacing: { z: 1.5, t: { value: 30, unit: 'sec' } },
    displayRange: [0, 255],
  })
  for (let page = 0; page < 6; page++) await writer.writeRows(deep.page(page), page)
  await writer.finish()
  const [found] = (await runPython('read_labels.py', 'tiff', path)) as [Record<string, unknown>]
  expect(found).toMatchObject({
    axes: 'TZYX',
    shape: [2, 3, 50, 60],
    digest: digestOf(deep.values),
    imagej: { slices: 3, frames: 2, spacing: 1.5, finterval: 30, tunit: 'sec', unit: 'micron' },
  })
})

test.skipIf(isMissing)('OME-TIFF: a pyramid, with axes, pixel size and channel name', async () => {
  const folder = temporaryFolder()
  const paths = [join(folder, 'single.ome.tif'), join(folder, 'stack.ome.tif')] as const
  await writeOmeTiff(paths[0], written(single))
  await writeOmeTiff(paths[1], written(stack))
  const [one, several] = (await runPython('read_labels.py', 'tiff', ...paths)) as Record<string, unknown>[]
  expect(one).toMatchObject({
    axes: 'YX',
    shape: [333, 601],
    digest: digestOf(single.values),
    colours,
    ome: {
      SizeX: 601,
      SizeY: 333,
      SizeC: 1,
      SizeT: 1,
      PhysicalSizeX: 0.25,
      PhysicalSizeY: 0.5,
      PhysicalSizeXUnit: 'µm',
      Channel: { Name: 'classes' },
    },
    levels: [
      { shape: [333, 601], digest: digestOf(single.values) },
      { shape: [167, 301], digest: digestOf(everySecond(single, 2)) },
      { shape: [84, 151], digest: digestOf(everySecond(single, 4)) },
    ],
  })
  expect(several).toMatchObject({ axes: 'TYX', shape: [3, 270, 300], digest: digestOf(stack.values) })
  expect(several?.['levels']).toHaveLength(2)
})

test.skipIf(isMissing)('indexed PNG in the colours of the classes', async () => {
  const path = join(temporaryFolder(), 'labels.png')
  await writeIndexedPng(path, written(stack), 1)
  expect(await runPython('read_labels.py', 'png', path)).toMatchObject([
    { mode: 'P', shape: [270, 300], digest: digestOf(stack.page(1)), colours },
  ])
})

test.skipIf(isMissing)(
  'OME-Zarr: valid by the models of its specification; levels, scale, channels, and the labels pixel for pixel',
  async () => {
    const folder = temporaryFolder()
    const [width, height] = [1100, 700]
    const image = drawImage(width, height, 3, { zPlanes: 2, times: 2 })
    const labels = drawLabels(width, height, 4, 7)
    labels.info.zPlanes = 2
    const path = join(folder, 'stack.ome.zarr')
    await writeOmeZarr(path, { ...written(labels), image })
    const grey = drawImage(601, 333, 1, { zPlanes: 1, times: 1 })
    const plain = join(folder, 'single.ome.zarr')
    await writeOmeZarr(plain, { ...written(single), image: grey })
    const [stacked, one] = (await runPython('read_labels.py', 'zarr', path, plain)) as Record<
      string,
      unknown
    >[]
    const bytes = new Uint8Array(image.values.buffer)
    expect(stacked).toMatchObject({
      image: {
        axes: 'tczyx',
        units: [null, null, null, 'micrometer', 'micrometer'],
        scales: [0, 1, 2].map((level) => [1, 1, 1, 0.5 * 2 ** level, 0.25 * 2 ** level]),
        levels: [
          { shape: [2, 3, 2, height, width], dtype: 'uint16', digest: digestOf(bytes) },
          { shape: [2, 3, 2, 350, 550] },
          { shape: [2, 3, 2, 175, 275] },
        ],
        channels: ['DAPI', 'GFP & co', 'channel 3'],
        colours: [
          [0, 0, 255],
          [0, 255, 0],
          [0, 0, 255],
        ],
      },
      labels: {
        axes: 'tczyx',
        name: 'classes',
        levels: [
          { shape: [2, 1, 2, height, width], dtype: 'uint8', digest: digestOf(labels.values) },
          { shape: [2, 1, 2, 350, 550] },
          { shape: [2, 1, 2, 175, 275] },
        ],
        colours: Object.fromEntries([
          ...colours.map(
            (colour, value) => [value, value === 0 ? [0x8a, 0x8f, 0x98, 0] : [...colour, 255]] as const,
          ),
          [255, [64, 64, 64, 0]],
        ]),
        properties: {
          ...Object.fromEntries(classes.map(({ value, name }) => [value, { class: name }])),
          255: { class: 'not labelled' },
        },
      },
    })
    expect(one).toMatchObject({
      image: {
        axes: 'cyx',
        levels: [{ digest: digestOf(new Uint8Array(grey.values.buffer)) }, { shape: [1, 167, 301] }],
      },
      labels: {
        levels: [{ digest: digestOf(single.values) }, { digest: digestOf(everySecond(single, 2)) }],
      },
    })
  },
)

test.skipIf(isMissing)("HDF5 in ilastik's layout: classes from 1, 0 not labelled", async () => {
  const folder = temporaryFolder()
  const paths = [join(folder, 'single.h5'), join(folder, 'stack.h5')] as const
  await writeIlastikHdf5(paths[0], written(single))
  await writeIlastikHdf5(paths[1], written(stack))
  const [one, several] = (await runPython('read_labels.py', 'hdf5', ...paths)) as Record<string, unknown>[]
  const counted = ({ values }: MemoryLabels) =>
    digestOf(values.map((value) => (value === 255 ? 0 : value + 1)))
  expect(one).toMatchObject({
    shape: [333, 601, 1],
    dtype: 'uint8',
    digest: counted(single),
    axistags: { axes: [{ key: 'y', typeFlags: 2 }, { key: 'x', resolution: 0.25 }, { key: 'c' }] },
  })
  expect(several).toMatchObject({
    shape: [3, 270, 300, 1],
    digest: counted(stack),
    axistags: { axes: [{ key: 't' }, { key: 'y' }, { key: 'x' }, { key: 'c' }] },
  })
})

test.skipIf(isMissing)('GeoJSON: valid polygons of the objects, with class, colour and frame', async () => {
  const path = join(temporaryFolder(), 'objects.geojson')
  await writeGeoJson(path, written(stack))
  const expected = await objectsOf(stack)
  const [found] = (await runPython('read_labels.py', 'geojson', path)) as [Record<string, unknown>[]]
  expect(found).toEqual(
    expected.map(({ classValue, area, box, page }) => ({
      properties: {
        objectType: 'detection',
        classification: { name: classes[classValue]?.name, color: colours[classValue] },
        measurements: { 'Area px^2': area },
      },
      area,
      plane: { c: -1, z: 0, t: page },
      bounds: [box.x, box.y, box.x + box.width, box.y + box.height],
    })),
  )
})

test.skipIf(isMissing)('RoiSet.zip: the regions of ImageJ fill the very pixels', async () => {
  const path = join(temporaryFolder(), 'rois.zip')
  await writeRoiSet(path, written(stack))
  const expected = await objectsOf(stack)
  const [found] = (await runPython('read_labels.py', 'rois', path)) as [Record<string, unknown>[]]
  expect(found).toHaveLength(expected.length)
  found.forEach((roi, index) => {
    const { mask, box, classValue, page } = expected[index] as (typeof expected)[number]
    expect(roi).toMatchObject({
      name: `${String(index + 1).padStart(4, '0')}-${(classes[classValue]?.name ?? '').replace('&', '_')}`,
      position: [page + 1, page + 1],
      bounds: [box.x, box.y, box.x + box.width, box.y + box.height],
      shape: [box.height, box.width],
      digest: digestOf(mask),
    })
  })
  expect(new Set(found.map(({ type }) => type))).toEqual(new Set(['TRACED', 'RECT']))
})

test.skipIf(isMissing)('COCO: polygons and run lengths decode to the very pixels', async () => {
  const path = join(temporaryFolder(), 'coco.json')
  const coco = await CocoFile.create(path, classes)
  await coco.add(written(single))
  await coco.add({ ...written(stack), imageName: 'folder/stack.tif' })
  await coco.finish()
  const classesOnly = (values: Uint8Array) => digestOf(values.map((value) => (value === 255 ? 0 : value)))
  const [found] = (await runPython('read_labels.py', 'coco', path)) as [Record<string, unknown>]
  expect(found).toMatchObject({
    images: [
      { name: 'cells.tif', digest: classesOnly(single.values) },
      ...[0, 1, 2].map((page) => ({
        name: `folder/stack.tif#${page + 1}`,
        digest: classesOnly(stack.page(page)),
      })),
    ],
    categories: [
      { id: 1, name: 'colony' },
      { id: 2, name: 'debris' },
      { id: 3, name: 'rim & edge' },
    ],
  })
})

function resultPaths(name: string) {
  return { labels: `${name}.tif`, probabilities: `${name}_probabilities.tif` }
}

function written(labels: MemoryLabels): WrittenLabels {
  return { labels, imageName: 'cells.tif', pixelSize: { x: 0.25, y: 0.5, unit: 'µm' }, classes }
}

/** 16-bit noise on a ramp, `[times, channels, zPlanes, height, width]`, channels named. */
function drawImage(
  width: number,
  height: number,
  channels: number,
  { zPlanes, times }: { zPlanes: number; times: number },
): ImageSource & { values: Uint16Array } {
  const random = new RandomGenerator(4)
  const plane = width * height
  const values = Uint16Array.from({ length: times * channels * zPlanes * plane }, (_, at) =>
    random.uniform(0, 900 + (at % width)),
  )
  return {
    values,
    path: 'image',
    info: {
      ...{
        width,
        height,
        channels,
        pages: times * zPlanes,
        zPlanes,
        sampleType: 'uint16',
        bitsPerSample: 16,
      },
      ...{ pixelSize: undefined, format: 'memory' },
      channelLooks: [{ name: 'DAPI', colour: '#0000ff' }, { name: 'GFP & co' }, {}].slice(0, channels),
    },
    read(region, page = 0) {
      const [z, t] = [page % zPlanes, Math.floor(page / zPlanes)]
      const parts = Array.from({ length: channels }, (_, c) => {
        const from = ((t * channels + c) * zPlanes + z) * plane
        const samples = values.subarray(from, from + plane)
        return cropRaster({ samples, channels: 1, width, height }, region).samples as Uint16Array
      })
      const samples = new Uint16Array(channels * region.width * region.height)
      parts.forEach((part, c) => samples.set(part, c * part.length))
      return Promise.resolve({ samples, channels, width: region.width, height: region.height })
    },
    close: () => Promise.resolve(),
  }
}

function everySecond({ values, info: { width, height } }: MemoryLabels, step: number): Uint8Array {
  return values.filter(
    (_, at) => (at % width) % step === 0 && Math.floor(at / width) % step === 0 && at < width * height,
  )
}

async function objectsOf(labels: MemoryLabels) {
  const found = []
  for (let page = 0; page < labels.info.pages; page++) {
    for await (const object of objectMasks(labels, page)) found.push({ ...object, page })
  }
  expect(found.length).toBeGreaterThan(20)
  return found
}
