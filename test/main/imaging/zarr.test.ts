import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import type { Raster } from '../../../src/model/images/image-source.ts'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { readPlane } from '../../../src/main/imaging/read-plane.ts'
import { sharedFolder } from '../../shared.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

type Files = Record<string, Uint8Array>

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

async function writeFolder(files: Files, name = 'image.zarr'): Promise<string> {
  const root = join(temporaryFolder(), name)
  for (const [file, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), bytes)
  }
  return root
}

async function readAll(address: string): Promise<{ info: object; pages: number[][] }> {
  const source = await openImage(address)
  try {
    const pages: number[][] = []
    for (let page = 0; page < source.info.pages; page++)
      pages.push([...(await readPlane(source, page)).samples])
    return { info: source.info, pages }
  } finally {
    await source.close()
  }
}

const arrayOf3 = (shape: number[], chunk: number[], codecs: unknown[]) =>
  json({
    ...{ zarr_format: 3, node_type: 'array', shape, data_type: 'uint16', fill_value: 7, attributes: {} },
    chunk_grid: { name: 'regular', configuration: { chunk_shape: chunk } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    codecs,
  })
const little = { name: 'bytes', configuration: { endian: 'little' } }

/** Two times of 3 x 4 pixels, values 0 to 23, and a level of half the size. */
function imageOf3(codecs: unknown[], pack: (bytes: Uint8Array) => Uint8Array): Files {
  const multiscales = [
    {
      name: 'cells',
      axes: [
        { name: 't', type: 'time' },
        { name: 'y', type: 'space', unit: 'micrometer' },
        { name: 'x', type: 'space', unit: 'micrometer' },
      ],
      datasets: [
        { path: '0', coordinateTransformations: [{ type: 'scale', scale: [1, 0.5, 0.25] }] },
        { path: '1', coordinateTransformations: [{ type: 'scale', scale: [1, 1, 0.5] }] },
      ],
      coordinateTransformations: [{ type: 'scale', scale: [1, 2, 2] }],
    },
  ]
  const omero = { channels: [{ label: 'GFP', color: '00FF00' }] }
  const chunk = (first: number) =>
    pack(new Uint8Array(Uint16Array.from({ length: 12 }, (_, at) => first + at).buffer))
  return {
    'zarr.json': json({
      ...{ zarr_format: 3, node_type: 'group' },
      attributes: { ome: { version: '0.5', multiscales, omero } },
    }),
    '0/zarr.json': arrayOf3([2, 3, 4], [1, 3, 4], codecs),
    '0/c/0/0/0': chunk(0),
    '0/c/1/0/0': chunk(12),
    '1/zarr.json': arrayOf3([2, 2, 2], [1, 3, 4], codecs),
    '1/c/0/0/0': chunk(100),
  }
}

const range = (first: number): number[] => Array.from({ length: 12 }, (_, at) => first + at)

describe('OME-Zarr 0.5', () => {
  test.each([
    ['raw', [little], (bytes: Uint8Array) => bytes],
    ['gzip', [little, { name: 'gzip', configuration: { level: 5 } }], (bytes: Uint8Array) => gzipSync(bytes)],
    [
      'zstd',
      [little, { name: 'zstd', configuration: { level: 3 } }],
      (bytes: Uint8Array) => zstdCompressSync(bytes),
    ],
  ])('%s, as a folder and zipped, with its axes, sizes, names and levels', async (_name, codecs, pack) => {
    const files = imageOf3(codecs, pack)
    const zipped = join(temporaryFolder(), 'image.zarr.zip')
    await writeFile(zipped, zipSync(files))
    const inner = join(temporaryFolder(), 'inner.ozx')
    await writeFile(
      inner,
      zipSync(Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`a.zarr/${name}`, bytes]))),
    )
    for (const path of [await writeFolder(files), zipped, inner]) {
      const { info, pages } = await readAll(path)
      expect(info).toMatchObject({
        ...{
          width: 4,
          height: 3,
          channels: 1,
          pages: 2,
          zPlanes: 1,
          sampleType: 'uint16',
          format: 'OME-Zarr',
        },
        pixelSize: { x: 0.5, y: 1, unit: 'µm' },
        channelLooks: [{ name: 'GFP', colour: '#00ff00' }],
      })
      expect(pages).toEqual([range(0), range(12)])
      const source = await openImage(path)
      const reduced = (await source.readReduced?.(0, 2)) as Raster
      expect([...reduced.samples]).toEqual([100, 101, 104, 105])
      // A chunk that was never written is the array's fill value.
      expect([...((await source.readReduced?.(1, 2)) as Raster).samples]).toEqual([7, 7, 7, 7])
      await source.close()
    }
  })

  test('in shards, whose index says where its chunks are', async () => {
    const files = imageOf3([little], (bytes) => bytes)
    const sharding = {
      name: 'sharding_indexed',
      configuration: {
        chunk_shape: [1, 3, 4],
        codecs: [little],
        index_codecs: [little],
        index_location: 'end',
      },
    }
    const index = BigUint64Array.of(24n, 24n, 0n, 24n)
    const shard = Buffer.concat([
      files['0/c/1/0/0'] as Uint8Array,
      files['0/c/0/0/0'] as Uint8Array,
      new Uint8Array(index.buffer),
    ])
    const sharded = {
      ...files,
      '0/zarr.json': arrayOf3([2, 3, 4], [2, 3, 4], [sharding]),
      '0/c/0/0/0': shard,
    }
    expect((await readAll(await writeFolder(sharded))).pages).toEqual([range(0), range(12)])
  })

  test('of several series and of plates: one is chosen by its place', async () => {
    const series = imageOf3([little], (bytes) => bytes)
    const below = (folder: string) =>
      Object.entries(series).map(([name, bytes]) => [`${folder}/${name}`, bytes] as const)
    const group = (attributes: object) =>
      json({ zarr_format: 3, node_type: 'group', attributes: { ome: attributes } })
    const two = await writeFolder({
      'zarr.json': group({ 'bioformats2raw.layout': 3 }),
      ...Object.fromEntries([...below('0'), ...below('1')]),
    })
    expect((await readAll(two)).info).toMatchObject({ images: ['0', '1'], image: '0' })
    expect((await readAll(`${two}?image=1`)).pages).toEqual([range(0), range(12)])
    const plate = await writeFolder({
      'zarr.json': group({ plate: { wells: [{ path: 'A/1' }] } }),
      'A/1/zarr.json': group({ well: { images: [{ path: '0' }, { path: '1' }] } }),
      ...Object.fromEntries([...below('A/1/0'), ...below('A/1/1')]),
    })
    expect((await readAll(plate)).info).toMatchObject({ images: ['A/1/0', 'A/1/1'], image: 'A/1/0' })
  })

  test('a chunk that is a link out of the folder is not read', async () => {
    const files = imageOf3([little], (bytes) => bytes)
    const secret = join(temporaryFolder(), 'secret')
    await writeFile(secret, files['0/c/1/0/0'] as Uint8Array)
    delete files['0/c/1/0/0']
    const path = await writeFolder(files)
    await mkdir(join(path, '0/c/1/0'), { recursive: true })
    await symlink(secret, join(path, '0/c/1/0/0'))
    await expect(readAll(path)).rejects.toMatchObject({ code: 'image-damaged' })
  })

  test.each([
    ['an empty folder', {}],
    ['a group of nothing', { 'zarr.json': json({ zarr_format: 3, node_type: 'group', attributes: {} }) }],
    ['metadata that are no JSON', { 'zarr.json': Buffer.from('{"zarr_format":') }],
  ] as [string, Files][])('%s is refused', async (_what, files) => {
    await expect(openImage(await writeFolder({ note: new Uint8Array(1), ...files }))).rejects.toMatchObject({
      code: 'image-damaged',
    })
  })
})

describe.skipIf(sharedFolder === undefined)('real OME-Zarr', () => {
  const images = join(sharedFolder ?? '', 'data', 'ome_tiff_and_zarr', 'images')

  test('0.4 (Blosc) and 0.5 of the same image hold the same values', async () => {
    const [old, recent] = [
      await readAll(join(images, 'blobs_image_v04.ome.zarr')),
      await readAll(join(images, 'blobs_image_v05.ome.zarr')),
    ]
    expect(old.info).toMatchObject({ width: 12, height: 12, channels: 3, sampleType: 'float64' })
    expect(recent.pages).toEqual(old.pages)
    expect(new Set(old.pages[0]).size).toBeGreaterThan(10)
  })

  test("bioformats2raw's copy of an OME-TIFF holds its values", async () => {
    const { info, pages } = await readAll(join(images, 'bioformats-zarr/data.zarr'))
    expect(info).toMatchObject({ width: 439, height: 167, channels: 3, sampleType: 'int8' })
    expect(pages).toEqual((await readAll(join(images, 'multi-channel.ome.tif'))).pages)
  })

  test.each(['0.4', '0.5'])("Neuroglancer's example of %s: 10 x 10, 30 x 4 nm", async (version) => {
    const { info, pages } = await readAll(join(images, `neuroglancer_simple_${version}.ome.zarr`))
    expect(info).toMatchObject({ width: 10, height: 10, pixelSize: { x: 0.03, y: 0.004, unit: 'µm' } })
    expect(pages[0]).toEqual(Array.from({ length: 100 }, (_, at) => at))
  })
})
