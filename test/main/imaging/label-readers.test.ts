import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { SegscopeError } from '../../../src/model/errors.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { CocoFile } from '../../../src/main/imaging/label-writers/coco.ts'
import { writeGeoJson } from '../../../src/main/imaging/label-writers/geojson.ts'
import { writeRoiSet } from '../../../src/main/imaging/label-writers/roi-set.ts'
import { openFittingLabels } from '../../../src/main/imaging/label-readers/open-fitting-labels.ts'
import { namesInLabels } from '../../../src/main/imaging/label-readers/open-labels.ts'
import { readLabelPage } from '../../../src/main/imaging/read-label-map.ts'
import { networkClasses } from '../../../src/main/services/network-classes.ts'
import { drawLabels, type MemoryLabels } from '../../interop/memory-labels.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const names = ['colony', 'debris', 'rim']
const classes = networkClasses(4, ['background', ...names])

describe('what was written is read back, pixel for pixel', () => {
  const single = drawLabels(211, 140, 1)
  const stack = drawLabels(130, 90, 3, 2)

  test.each([
    ['one page', single],
    ['a stack', stack],
  ])('GeoJSON, COCO and regions of ImageJ: %s', async (_, labels) => {
    const folder = temporaryFolder()
    const written = { labels, imageName: 'sub/cells.tif', pixelSize: undefined, classes }
    const [geojson, coco, rois] = ['a.geojson', 'a.json', 'a.zip'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    await writeGeoJson(geojson, written)
    await writeRoiSet(rois, written)
    const file = await CocoFile.create(coco, classes)
    await file.add(written)
    await file.finish()
    expect((await namesInLabels(geojson)).sort()).toEqual([...names].sort())
    expect(await namesInLabels(coco)).toEqual(names)
    for (let page = 0; page < labels.info.pages; page++) {
      const painted = labels.page(page).map((value) => (value === 255 ? 0 : value))
      expect(Buffer.compare(await read(geojson, labels, page), painted), 'GeoJSON').toBe(0)
      expect(Buffer.compare(await read(coco, labels, page), painted), 'COCO').toBe(0)
      const inside = painted.map((value) => Math.min(1, value))
      expect(Buffer.compare(await read(rois, labels, page), inside), 'regions').toBe(0)
    }
  })
})

test("Cellpose's results are read as data", async () => {
  const path = join(temporaryFolder(), 'a_seg.npy')
  writeFileSync(path, cellposeFile)
  expect(await read(path, { width: 4, height: 3, pages: 1 })).toEqual(
    Uint8Array.of(0, 7, 7, 0, 0, 0, 0, 0, 44, 0, 0, 0),
  )
  await expect(read(path, { width: 8, height: 6, pages: 1 })).rejects.toMatchObject({
    code: 'label-size-differs',
    message: expect.stringContaining('a_seg.npy') as string,
  })
})

test('a folder of one mask a file is their union', async () => {
  const folder = temporaryFolder()
  const masks = [Uint8Array.of(255, 255, 0, 0, 0, 0), Uint8Array.of(0, 0, 0, 0, 0, 255)]
  for (const [index, mask] of masks.entries()) await writePng(join(folder, `${index}.png`), mask, 3, 2)
  expect(await read(folder, { width: 3, height: 2, pages: 1 })).toEqual(Uint8Array.of(1, 1, 0, 0, 0, 2))
  await writePng(join(folder, '2.png'), new Uint8Array(4), 2, 2)
  await expect(read(folder, { width: 3, height: 2, pages: 1 })).rejects.toMatchObject({
    code: 'label-size-differs',
    file: join(folder, '2.png'),
  })
})

test('shapes and sizes that do not fit the image, and shapes without area, are refused by name', async () => {
  const folder = temporaryFolder()
  const labels = drawLabels(100, 80, 1)
  const written = { labels, imageName: 'cells.tif', pixelSize: undefined, classes }
  const geojson = join(folder, 'cells.geojson')
  await writeGeoJson(geojson, written)
  const coco = await CocoFile.create(join(folder, 'coco.json'), classes)
  await coco.add(written)
  await coco.finish()
  const half = { width: 50, height: 40, pages: 1 }
  for (const path of [geojson, join(folder, 'coco.json')]) {
    await expect(read(path, half)).rejects.toMatchObject({ code: 'label-size-differs', file: path })
  }
  const line = { type: 'Feature', geometry: { type: 'LineString', coordinates: [] }, properties: {} }
  writeFileSync(geojson, JSON.stringify({ type: 'FeatureCollection', features: [line] }))
  await expect(read(geojson, half)).rejects.toMatchObject({ code: 'labels-unsupported' })
})

describe('damaged and hostile files end in an error that names them, quickly', () => {
  const labels = drawLabels(120, 100, 1)

  test('cut anywhere, and with bytes changed', async () => {
    const folder = temporaryFolder()
    const written = { labels, imageName: 'cells.tif', pixelSize: undefined, classes }
    await writeGeoJson(join(folder, 'a.geojson'), written)
    await writeRoiSet(join(folder, 'a.zip'), written)
    const coco = await CocoFile.create(join(folder, 'a.json'), classes)
    await coco.add(written)
    await coco.finish()
    writeFileSync(join(folder, 'a_seg.npy'), cellposeFile)
    const random = new RandomGenerator(5)
    for (const name of ['a.geojson', 'a.zip', 'a.json', 'a_seg.npy']) {
      const whole = readFileSync(join(folder, name))
      const path = join(folder, `damaged-${name}`)
      let refused = 0
      for (let round = 0; round < 60; round++) {
        const bytes = Buffer.from(whole)
        if (round % 2 === 0) {
          writeFileSync(path, bytes.subarray(0, Math.floor(random.uniform(0, bytes.length))))
        } else {
          for (let change = 0; change < 4; change++) {
            bytes[Math.floor(random.uniform(0, bytes.length))] = Math.floor(random.uniform(0, 256))
          }
          writeFileSync(path, bytes)
        }
        if ((await outcome(path)) !== 'read') refused++
      }
      expect(refused, name).toBeGreaterThan(25)
    }
  })

  test.each<[string, string | Uint8Array]>([
    ['deep.geojson', '['.repeat(3_000_000)],
    ['deep.json', `{"images":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)},"annotations":[]}`],
    [
      'infinite.geojson',
      geoJsonOf([
        [
          [0, 0],
          [1e308, 0],
          [1e308, 1e308],
        ],
      ]),
    ],
    ['nothing.geojson', geoJsonOf([[['a', null]]])],
    ['coco.json', cocoOf({ size: [100, 120], counts: [0, 4_000_000_000] })],
    ['size.json', cocoOf({ size: [2_000_000_000, 2_000_000_000], counts: [1] })],
    ['text.json', cocoOf({ size: [100, 120], counts: 'ÿÿÿÿÿÿÿÿÿÿÿÿÿÿ' })],
    ['other.json', '{"shapes":[]}'],
    ['bomb.zip', bomb()],
    ['empty.zip', zipSync({ 'a.txt': new Uint8Array(3) })],
    ['count.roi', roiWith({ count: 65535 })],
    ['negative.roi', roiWith({ count: 0, size: -5 })],
    ['paths.roi', roiWith({ shapeSize: 0x7fffffff })],
    ['line.roi', roiWith({ type: 3 })],
    ['none_seg.npy', 'x'],
    ['run_seg.npy', npyOf("cos\nsystem\n(S'touch /tmp/never'\ntR.")],
    ['global_seg.npy', npyOf('cposix\nsystem\n\x85R.')],
    ['long_seg.npy', npyOf('\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.')],
  ])('%s', async (name, content) => {
    const path = join(temporaryFolder(), name)
    writeFileSync(path, content)
    expect(await outcome(path)).toMatch(/^labels-|^label-size/)
  })

  /** 'read', or the code of an error that names the file. */
  async function outcome(path: string): Promise<string> {
    try {
      for (const name of await namesInLabels(path)) expect(name).toBeTypeOf('string')
      await read(path, labels.info)
      return 'read'
    } catch (thrown) {
      if (!(thrown instanceof SegscopeError)) throw thrown
      expect(thrown.file).toBe(path)
      return thrown.code
    }
  }
})

async function read(
  path: string,
  image: MemoryLabels | { width: number; height: number; pages: number },
  page = 0,
): Promise<Uint8Array> {
  const { width, height, pages } = 'info' in image ? image.info : image
  const source = await openFittingLabels({
    path,
    image: { path: '/data/cells.tif', width, height, pages, zPlanes: 1 },
    names,
  })
  try {
    return Uint8Array.from((await readLabelPage(source, page)).values)
  } finally {
    await source.close()
  }
}

async function writePng(path: string, mask: Uint8Array, width: number, height: number): Promise<void> {
  mkdirSync(join(path, '..'), { recursive: true })
  await sharp(mask, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toFile(path)
}

function geoJsonOf(coordinates: unknown): string {
  const feature = { type: 'Feature', geometry: { type: 'Polygon', coordinates }, properties: {} }
  return JSON.stringify({ type: 'FeatureCollection', features: [feature] })
}

function cocoOf(segmentation: unknown): string {
  return JSON.stringify({
    images: [{ id: 1, file_name: 'cells.tif', width: 120, height: 100 }],
    annotations: [{ image_id: 1, category_id: 1, segmentation }],
    categories: [{ id: 1, name: 'colony' }],
  })
}

/** A zip whose directory promises 4 GB. */
function bomb(): Uint8Array {
  const zip = Buffer.from(zipSync({ 'a.roi': new Uint8Array(1000) }))
  zip.writeUInt32LE(0xfffffff0, zip.indexOf('PK\x01\x02', 0, 'latin1') + 24)
  return zip
}

function roiWith({ type = 0, count = 0, size = 0, shapeSize = 0 }): Uint8Array {
  const roi = Buffer.alloc(64)
  roi.write('Iout', 'latin1')
  roi.writeUInt8(type, 6)
  roi.writeUInt16BE(50, 12)
  roi.writeUInt16BE(50, 14)
  roi.writeUInt16BE(count, 16)
  roi.writeInt32BE(size, 18)
  roi.writeInt32BE(shapeSize, 36)
  return roi
}

/** @param pickle in Latin-1 */
function npyOf(pickle: string): Uint8Array {
  const header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }".padEnd(117) + '\n'
  return Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(header.length)}\x00${header}${pickle}`, 'latin1')
}

/** As NumPy 2.4 saves what Cellpose does: masks of 3 x 4 uint16, with a 7 twice and a 300, among other things. */
const cellposeFile = Buffer.from(
  'k05VTVBZAQB2AHsnZGVzY3InOiAnfE8nLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqABJUZAgAAAAAAAIwWbnVtcHkuX2NvcmUubXVsdGlhcnJheZSMDF9yZWNvbnN0cnVjdJSTlIwFbnVtcHmUjAduZGFycmF5lJOUSwCFlEMBYpSHlFKUKEsBKWgDjAVkdHlwZZSTlIwCTziUiYiHlFKUKEsDjAF8lE5OTkr/////Sv////9LP3SUYoldlH2UKIwFbWFza3OUaAJoBUsAhZRoB4eUUpQoSwFLA0sEhpRoC4wCdTKUiYiHlFKUKEsDjAE8lE5OTkr/////Sv////9LAHSUYolDGAAABwAHAAAAAAAAAAAAAAAsAQAAAAAAAJR0lGKMCG91dGxpbmVzlGgWjAhmaWxlbmFtZZSMBWEudGlmlIwIaXNtYW51YWyUaAJoBUsAhZRoB4eUUpQoSwFLAoWUaAuMAmIxlImIh5RSlChLA2gPTk5OSv////9K/////0sAdJRiiUMCAQCUdJRijAhkaWFtZXRlcpRoAIwGc2NhbGFylJOUaAuMAmY4lImIh5RSlChLA2gbTk5OSv////9K/////0sAdJRiQwgAAAAAAAA+QJSGlFKUjAVmbG93c5RdlGgCaAVLAIWUaAeHlFKUKEsBSwJLAoaUaAuMAmY0lImIh5RSlChLA2gbTk5OSv////9K/////0sAdJRiiUMQAAAAAAAAAAAAAAAAAAAAAJR0lGJhjAtjaGFuX2Nob29zZZRdlChLAEsAZXVhdJRiLg==',
  'base64',
)
