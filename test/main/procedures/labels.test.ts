import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { safe } from '@orpc/client'
import { decode, encode } from 'fast-png'
import { expect, onTestFinished, test } from 'vitest'
import type { Application } from '../../../src/main/application.ts'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { TiffWriter } from '../../../src/main/imaging/tiff-writer.ts'
import { readPlaneLabels } from '../../../src/main/services/plane-labels.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import type { Client } from '../../../src/preload/contract/index.ts'
import { LABEL_TILE_SIZE, type LabelTile } from '../../../src/preload/contract/label-tiles.ts'
import type { Plane } from '../../../src/preload/contract/labels.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { connectByPort, startApplication } from './connections.ts'

interface Opened {
  client: Client
  application: Application
}

/** With the classes 0 background, 1 colony, 2 debris. */
async function openNewProject(): Promise<Opened> {
  const application = await startApplication()
  const { client, disconnect } = connectByPort(application)
  onTestFinished(() => {
    disconnect()
    application.closeProject()
  })
  await client.projects.create({ folder: join(temporaryFolder(), 'project'), name: 'Test' })
  await client.classes.add({ name: 'colony' })
  await client.classes.add({ name: 'debris' })
  return { client, application }
}

async function last<Event extends { kind: string }>(
  events: AsyncIterable<Event>,
): Promise<Extract<Event, { kind: 'done' }>> {
  let event: Event | undefined
  for await (event of events);
  expect(event).toMatchObject({ kind: 'done' })
  return event as Extract<Event, { kind: 'done' }>
}

/** A size that fills no tile, over several of them. */
const [width, height] = [300, 270]

async function writeTiff(
  path: string,
  pages: readonly Uint8Array[],
  size = { width, height },
): Promise<string> {
  mkdirSync(dirname(path), { recursive: true })
  const writer = await TiffWriter.create(path, {
    ...size,
    sampleType: 'uint8',
    channels: 1,
    frames: pages.length,
    pixelSize: { x: 0.25, y: 0.25, unit: 'µm' },
    displayRange: [0, 255],
  })
  for (const [page, samples] of pages.entries()) await writer.writeRows(samples, page)
  await writer.finish()
  return path
}

function writePng(path: string, data: Uint8Array | Uint16Array, size = { width, height }): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, encode({ ...size, data, depth: data instanceof Uint16Array ? 16 : 8, channels: 1 }))
  return path
}

async function writeImage(path: string, seed: number, pages = 1): Promise<string> {
  const random = new RandomGenerator(seed)
  return await writeTiff(
    path,
    Array.from({ length: pages }, () =>
      Uint8Array.from({ length: width * height }, () => random.nextInteger(256)),
    ),
  )
}

/** Blobs of values, so that runs are of many lengths. */
function drawValues(seed: number, values: readonly number[]): Uint8Array {
  const random = new RandomGenerator(seed)
  const drawn = new Uint8Array(width * height).fill(values[0] as number)
  for (let blob = 0; blob < 40; blob++) {
    const [x, y, radius] = [random.nextInteger(width), random.nextInteger(height), 1 + random.nextInteger(30)]
    const value = values[random.nextInteger(values.length)] as number
    for (let at = 0; at < drawn.length; at++) {
      if (Math.hypot((at % width) - x, Math.floor(at / width) - y) < radius) drawn[at] = value
    }
  }
  return drawn
}

/** As a stroke over the whole plane. */
function paint({ application }: Opened, plane: Plane, values: Uint8Array): void {
  const { labels } = application.requireOpened()
  const tiles: LabelTile[] = []
  for (let row = 0; row * LABEL_TILE_SIZE < height; row++) {
    for (let column = 0; column * LABEL_TILE_SIZE < width; column++) {
      const tile = new Uint8Array(LABEL_TILE_SIZE ** 2).fill(255)
      for (let at = 0; at < tile.length; at++) {
        const x = column * LABEL_TILE_SIZE + (at % LABEL_TILE_SIZE)
        const y = row * LABEL_TILE_SIZE + Math.floor(at / LABEL_TILE_SIZE)
        if (x < width && y < height) tile[at] = values[y * width + x] as number
      }
      tiles.push({ column, row, values: tile })
    }
  }
  labels.paint(plane, { revision: labels.state(plane).revision, tiles })
}

function labelsOf({ application }: Opened, plane: Plane): Uint8Array {
  return readPlaneLabels(application.requireOpened().project, plane).values
}

async function addImages({ client }: Opened, folder: string): Promise<number[]> {
  await last(await client.images.add({ paths: [folder], subfolders: true }))
  return (await client.images.list()).images.map(({ id }) => id)
}

test('labels come back pixel for pixel: exported as TIFF and PNG, imported into another project', async () => {
  const first = await openNewProject()
  const data = temporaryFolder()
  await writeImage(join(data, 'one/a.tif'), 1)
  await writeImage(join(data, 'two/a.tif'), 2)
  await writeImage(join(data, 'two/series.tif'), 3, 3)
  await writeImage(join(data, 'two/unlabelled.tif'), 4)
  const [one, two, series] = (await addImages(first, data)) as [number, number, number]
  const painted = [one, two].map((image, index) => {
    const values = drawValues(10 + index, [255, 0, 1, 2])
    paint(first, { image, page: 0 }, values)
    return values
  })
  const pages = [0, 2].map((page) => {
    const values = drawValues(20 + page, [255, 1])
    paint(first, { image: series, page }, values)
    return values
  })
  const asTiff = join(temporaryFolder(), 'labels')
  const asPng = temporaryFolder()
  expect(
    await last(await first.client.labels.export({ folder: asTiff, format: 'tiff', replace: false })),
  ).toEqual({
    kind: 'done',
    written: 3,
    kept: 0,
    failed: [],
  })
  await last(await first.client.labels.export({ folder: asPng, format: 'grey-png', replace: false }))
  expect(
    readdirSync(asPng, { recursive: true })
      .filter((name) => String(name).endsWith('.png'))
      .sort(),
  ).toEqual([
    join('one', 'a.png'),
    join('two', 'a.png'),
    join('two', 'series_page0001.png'),
    join('two', 'series_page0003.png'),
  ])
  const png = decode(readFileSync(join(asPng, 'one/a.png')))
  expect([png.width, png.height, png.channels, png.depth]).toEqual([width, height, 1, 8])
  expect(Buffer.compare(png.data as Uint8Array, painted[0] as Uint8Array)).toBe(0)
  const exported = await openImage(join(asTiff, 'two/series.tif'))
  expect(exported.info).toMatchObject({
    pages: 3,
    sampleType: 'uint8',
    pixelSize: { x: 0.25, y: 0.25, unit: 'µm' },
  })
  await exported.close()

  // Only what is asked for is replaced, and an image never.
  const before = statSync(join(asTiff, 'one/a.tif')).mtimeMs
  const again = { folder: asTiff, format: 'tiff' as const, ids: [one, two] }
  expect(await last(await first.client.labels.export({ ...again, replace: false }))).toMatchObject({
    written: 0,
    kept: 2,
  })
  expect(statSync(join(asTiff, 'one/a.tif')).mtimeMs).toBe(before)
  const image = readFileSync(join(data, 'one/a.tif'))
  expect(
    await last(await first.client.labels.export({ ...again, folder: data, replace: true })),
  ).toMatchObject({
    written: 0,
    failed: [{ problem: { code: 'export-over-image' } }, { problem: { code: 'export-over-image' } }],
  })
  expect(readFileSync(join(data, 'one/a.tif')).equals(image)).toBe(true)

  for (const folder of [asTiff, asPng]) {
    const second = await openNewProject()
    const ids = (await addImages(second, data)) as [number, number, number]
    const preview = await second.client.labels.previewImport({ folder })
    const isTiff = folder === asTiff
    expect(preview).toMatchObject({
      suffix: '',
      values: 'classes',
      unpaired: isTiff ? 1 : 2,
      mapping: [0, 1, 2, 255].map((stored) => ({ stored, value: stored === 255 ? null : stored })),
    })
    expect(
      preview.pairs.map(({ image: id, label, replaces, problem }) => [id, label, replaces, problem]),
    ).toEqual([
      ...[ids[0], ids[1]].map((id, index) => [
        id,
        join(folder, ['one', 'two'][index] as string, isTiff ? 'a.tif' : 'a.png'),
        false,
        undefined,
      ]),
      ...(isTiff ? [[ids[2], join(folder, 'two/series.tif'), false, undefined]] : []),
    ])
    const { suffix, values, mapping } = preview
    const imported = await second.client.labels.import({ folder, suffix, values, mapping, replace: false })
    expect(await last(imported)).toEqual({ kind: 'done', imported: isTiff ? 3 : 2, kept: 0, failed: [] })
    expect(Buffer.compare(labelsOf(second, { image: ids[0], page: 0 }), painted[0] as Uint8Array)).toBe(0)
    expect(Buffer.compare(labelsOf(second, { image: ids[1], page: 0 }), painted[1] as Uint8Array)).toBe(0)
    if (!isTiff) continue
    expect(Buffer.compare(labelsOf(second, { image: ids[2], page: 0 }), pages[0] as Uint8Array)).toBe(0)
    expect(Buffer.compare(labelsOf(second, { image: ids[2], page: 2 }), pages[1] as Uint8Array)).toBe(0)
    expect((await second.client.labels.state({ image: ids[2], page: 1 })).revision).toBe(0)
  }
})

test('an import says what it would do, replaces only if told, and can be taken back', async () => {
  const opened = await openNewProject()
  const { client } = opened
  const data = temporaryFolder()
  for (const [index, name] of ['a', 'b', 'c', 'd'].entries())
    await writeImage(join(data, `images/${name}.tif`), index)
  const [a, b, c] = (await addImages(opened, join(data, 'images'))) as [number, number, number, number]
  const painted = drawValues(1, [255, 2])
  paint(opened, { image: a, page: 0 }, painted)
  // Numbers of objects, 16-bit; beside them what fits no image.
  const objects = Uint16Array.from(drawValues(2, [0, 1, 2, 3]), (value) => (value === 3 ? 900 : value * 20))
  for (const name of ['a', 'b']) writePng(join(data, `masks/${name}_mask.png`), objects)
  writePng(join(data, 'masks/c_mask.png'), new Uint8Array(100), { width: 10, height: 10 })
  writePng(join(data, 'masks/unknown_mask.png'), objects)
  writeFileSync(join(data, 'masks/d_mask.png'), 'broken')
  const folder = join(data, 'masks')

  const preview = await client.labels.previewImport({ folder })
  expect(preview).toMatchObject({ suffix: '_mask', unpaired: 0, mapping: expect.any(Array) as unknown[] })
  expect(preview.pairs).toMatchObject([
    { image: a, replaces: true },
    { image: b, replaces: false },
    { image: c, problem: { code: 'label-size-differs', file: join(folder, 'c_mask.png') } },
    { problem: { code: 'not-an-image' } },
  ])
  expect(preview.pairs[2]?.problem?.message).toMatch(/10 x 10 pixels, its image 300 x 270/)
  expect(preview.ambiguity).toMatch(/0, 20, 40, 900/)
  expect(preview.values).toBeUndefined()
  const asObjects = await client.labels.previewImport({ folder, values: 'binary' })
  expect(asObjects.mapping).toEqual([
    { stored: 0, value: 0 },
    { stored: 1, value: 1 },
  ])

  const [refusal] = await safe(
    client.labels
      .import({ folder, values: 'binary', mapping: [{ stored: 1, value: 9 }], replace: true })
      .then(last),
  )
  expect(refusal).toMatchObject({ data: { code: 'label-class-unknown' } })
  // Objects are debris here, and what is none is not labelled.
  const mapping = [
    { stored: 0, value: null },
    { stored: 1, value: 2 },
  ]
  const failed = [
    { file: join(folder, 'c_mask.png'), problem: { code: 'label-size-differs' } },
    { file: join(folder, 'd_mask.png'), problem: { code: 'not-an-image' } },
  ]
  const kept = await client.labels.import({ folder, values: 'binary', mapping, replace: false })
  expect(await last(kept)).toMatchObject({ imported: 1, kept: 1, failed })
  expect(Buffer.compare(labelsOf(opened, { image: a, page: 0 }), painted)).toBe(0)
  const expected = Uint8Array.from(objects, (value) => (value === 0 ? 255 : 2))
  expect(Buffer.compare(labelsOf(opened, { image: b, page: 0 }), expected)).toBe(0)

  const replaced = await client.labels.import({ folder, values: 'binary', mapping, replace: true })
  expect(await last(replaced)).toMatchObject({ imported: 2, kept: 0, failed })
  expect(Buffer.compare(labelsOf(opened, { image: a, page: 0 }), expected)).toBe(0)
  expect(await client.labels.undo({ image: a, page: 0 })).toMatchObject({ undo: 1, redo: 1 })
  expect(Buffer.compare(labelsOf(opened, { image: a, page: 0 }), painted)).toBe(0)

  const [empty] = await safe(client.labels.previewImport({ folder: temporaryFolder() }))
  expect(empty).toMatchObject({ data: { code: 'labels-not-found' } })
})

test('values without a class refuse their file by name; two readings are told and asked for', async () => {
  const opened = await openNewProject()
  const { client } = opened
  const data = temporaryFolder()
  const names = ['a', 'b']
  for (const [index, name] of names.entries()) await writeImage(join(data, `images/${name}.tif`), index)
  const [a, b] = (await addImages(opened, join(data, 'images'))) as [number, number]
  const values = drawValues(3, [0, 1, 2])
  writePng(join(data, 'labels/a.png'), values)
  writePng(join(data, 'labels/b.png'), drawValues(4, [0, 1, 7]))
  const folder = join(data, 'labels')
  const done = await last(
    await client.labels.import({
      folder,
      values: 'classes',
      mapping: [{ stored: 2, value: 1 }],
      replace: false,
    }),
  )
  expect(done).toMatchObject({
    imported: 1,
    failed: [{ file: join(folder, 'b.png'), problem: { code: 'label-value-unknown' } }],
  })
  expect(done.failed[0]?.problem.message).toMatch(/value 7/)
  const expected = values.map((value) => (value === 2 ? 1 : value))
  expect(Buffer.compare(labelsOf(opened, { image: a, page: 0 }), expected)).toBe(0)
  expect((await client.labels.state({ image: b, page: 0 })).revision).toBe(0)

  const sparse = temporaryFolder()
  const strokes = new Uint8Array(width * height).map((_, at) => (at < 3000 ? 1 + (at % 2) : 0))
  writePng(join(sparse, 'a.png'), strokes)
  const preview = await client.labels.previewImport({ folder: sparse })
  expect(preview.ambiguity).toMatch(/0 may be the background or mean not labelled/)
  const [asked] = await safe(client.labels.import({ folder: sparse, mapping: [], replace: true }).then(last))
  expect(asked).toMatchObject({ data: { code: 'label-values-ambiguous' } })
})

test('cancelling an import keeps the labels of whole images', async () => {
  const opened = await openNewProject()
  const { client } = opened
  const data = temporaryFolder()
  const values = drawValues(5, [0, 1])
  for (let index = 0; index < 40; index++) {
    await writeImage(join(data, `images/f${index}.tif`), index)
    writePng(join(data, `labels/f${index}.png`), values)
  }
  const ids = await addImages(opened, join(data, 'images'))
  const cancelling = new AbortController()
  const importing = await client.labels.import(
    { folder: join(data, 'labels'), values: 'classes', mapping: [], replace: false },
    { signal: cancelling.signal },
  )
  await importing.next()
  cancelling.abort()
  await importing.next().catch(() => undefined)
  const labelled = () =>
    ids.filter((image) => opened.application.requireOpened().project.labels.labelledPixelsOf(image) > 0)
  await expect.poll(() => labelled().length).toBeGreaterThan(0)
  expect(labelled().length).toBeLessThan(40)
  for (const image of labelled()) {
    expect(Buffer.compare(labelsOf(opened, { image, page: 0 }), values)).toBe(0)
  }
})

test('labels are copied from the frame before to where nothing is labelled, as one stroke', async () => {
  const opened = await openNewProject()
  const { client } = opened
  const data = temporaryFolder()
  await writeImage(join(data, 't2.tif'), 1)
  await writeImage(join(data, 't10.tif'), 2)
  await writeImage(join(data, 'u.tif'), 3, 2)
  await writeTiff(join(data, 't11.tif'), [new Uint8Array(64)], { width: 8, height: 8 })
  await addImages(opened, data)
  const { images } = await client.images.list()
  const idOf = (name: string) => images.find(({ path }) => path.endsWith(name))?.id as number
  const [t2, t10, t11, series] = ['t2.tif', 't10.tif', 't11.tif', 'u.tif'].map(idOf) as [
    number,
    number,
    number,
    number,
  ]
  const source = drawValues(6, [255, 0, 1])
  const own = drawValues(7, [255, 2])
  const problem = async (plane: Plane) => (await safe(client.labels.copyFromPrevious(plane)))[0]
  expect(await problem({ image: t10, page: 0 })).toMatchObject({ data: { code: 'previous-unlabelled' } })
  paint(opened, { image: t2, page: 0 }, source)
  paint(opened, { image: t10, page: 0 }, own)
  const change = await client.labels.copyFromPrevious({ image: t10, page: 0 })
  expect(change).toMatchObject({ revision: 2, undo: 2, redo: 0 })
  const expected = own.map((value, at) => (value === 255 ? (source[at] as number) : value))
  expect(Buffer.compare(labelsOf(opened, { image: t10, page: 0 }), expected)).toBe(0)
  expect(await problem({ image: t10, page: 0 })).toMatchObject({ data: { code: 'nothing-to-copy' } })
  await client.labels.undo({ image: t10, page: 0 })
  expect(Buffer.compare(labelsOf(opened, { image: t10, page: 0 }), own)).toBe(0)

  expect(await problem({ image: t2, page: 0 })).toMatchObject({ data: { code: 'no-previous-image' } })
  expect(await problem({ image: t11, page: 0 })).toMatchObject({ data: { code: 'previous-size-differs' } })
  paint(opened, { image: series, page: 0 }, source)
  await client.labels.copyFromPrevious({ image: series, page: 1 })
  expect(Buffer.compare(labelsOf(opened, { image: series, page: 1 }), source)).toBe(0)
  expect(existsSync(join(data, 't2.tif'))).toBe(true)
})

test('shapes come back: as GeoJSON, COCO and a folder of masks, by their names; what does not fit is named', async () => {
  const first = await openNewProject()
  const data = temporaryFolder()
  await writeImage(join(data, 'a.tif'), 1)
  await writeImage(join(data, 'b.tif'), 2)
  const [a, b] = (await addImages(first, data)) as [number, number]
  const painted = [a, b].map((image, index) => {
    const values = drawValues(30 + index, [0, 1, 2])
    paint(first, { image, page: 0 }, values)
    return values
  })
  const second = await openNewProject()
  const copies = (await addImages(second, data)) as [number, number]
  for (const format of ['geojson', 'coco'] as const) {
    const folder = temporaryFolder()
    await last(await first.client.labels.export({ folder, format, replace: false }))
    const preview = await second.client.labels.previewImport({ folder, values: 'classes' })
    expect(preview.pairs.map(({ image, problem }) => ({ image, problem }))).toEqual(
      copies.map((image) => ({ image, problem: undefined })),
    )
    const named = (await first.client.classes.list()).slice(1)
    expect(
      preview.mapping
        .slice(1)
        .map(({ name, value }) => ({ name, value }))
        .sort((one, other) => Number(one.value) - Number(other.value)),
    ).toEqual(named.map(({ name, value }) => ({ name, value })))
    const { mapping } = preview
    const imported = await last(
      await second.client.labels.import({ folder, values: 'classes', mapping, replace: true }),
    )
    expect(imported).toMatchObject({ imported: 2, failed: [] })
    for (const [index, image] of copies.entries()) {
      expect(Buffer.compare(labelsOf(second, { image, page: 0 }), painted[index] as Uint8Array), format).toBe(
        0,
      )
    }
  }
  const masks = temporaryFolder()
  const cell = new Uint8Array(width * height).fill(255, 0, 700)
  for (const file of ['a/1.png', 'a/2.png']) writePng(join(masks, file), cell)
  writePng(join(masks, 'b/1.png'), new Uint8Array(64), { width: 8, height: 8 })
  const preview = await second.client.labels.previewImport({ folder: masks })
  expect(preview).toMatchObject({
    values: 'binary',
    pairs: [{ image: copies[0] }, { image: copies[1], problem: { code: 'label-size-differs' } }],
  })
})
