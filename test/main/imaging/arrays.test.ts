import { createHash } from 'node:crypto'
import { copyFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import h5wasm from 'h5wasm/node'
import { describe, expect, test } from 'vitest'
import type { Raster } from '../../../src/model/images/image-source.ts'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { readPlane } from '../../../src/main/imaging/read-plane.ts'
import { sharedFolder } from '../../shared.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** As NumPy 2 writes an array of format version 1: its header is padded to 64 bytes. */
function npy(descr: string, shape: readonly number[], values: Uint8Array, fortran = false): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.join(', ')},), }`
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n'
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8])
  return Buffer.concat([start, Buffer.from(header, 'latin1'), values])
}

async function write(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(temporaryFolder(), name)
  await writeFile(path, bytes)
  return path
}

async function readPages(address: string): Promise<{ info: object; pages: Raster[] }> {
  const source = await openImage(address)
  try {
    const pages: Raster[] = []
    for (let page = 0; page < source.info.pages; page++) pages.push(await readPlane(source, page))
    return { info: source.info, pages }
  } finally {
    await source.close()
  }
}

describe('NumPy arrays', () => {
  const ramp = Uint16Array.from({ length: 5 * 6 * 7 }, (_, index) => 300 * index)
  const swapped = new Uint8Array(ramp.slice().buffer).map((_, at, bytes) => bytes[at ^ 1] as number)

  test.each([
    ['little-endian', npy('<u2', [5, 6, 7], new Uint8Array(ramp.buffer))],
    ['big-endian', npy('>u2', [5, 6, 7], swapped)],
  ])('%s, in C order', async (_order, bytes) => {
    const path = await write('stack.npy', bytes)
    const { info, pages } = await readPages(path)
    expect(info).toMatchObject({
      width: 7,
      height: 6,
      channels: 1,
      pages: 5,
      sampleType: 'uint16',
      format: 'NumPy',
    })
    expect(pages.map(({ samples }) => [...samples])).toEqual(
      Array.from({ length: 5 }, (_, page) => [...ramp.subarray(42 * page, 42 * page + 42)]),
    )
    const source = await openImage(path)
    const part = await source.read({ x: 2, y: 1, width: 3, height: 2 }, 4)
    expect([...part.samples]).toEqual([9, 10, 11, 16, 17, 18].map((at) => ramp[4 * 42 + at]))
    await source.close()
  })

  test('in Fortran order, whose first axis varies fastest, and with other axes', async () => {
    const path = await write(
      'fortran.npy',
      npy(
        '|u1',
        [3, 2, 5],
        Uint8Array.from({ length: 30 }, (_, at) => at),
        true,
      ),
    )
    // Value at [a, b, c] is a + 3 b + 6 c: the guess for 3 x 2 x 5 is channels, height, width.
    const { info, pages } = await readPages(path)
    expect(info).toMatchObject({
      channels: 3,
      height: 2,
      width: 5,
      axes: [{ name: 'c' }, { name: 'y' }, { name: 'x' }],
    })
    expect([...(pages[0] as Raster).samples]).toEqual(
      [0, 1, 2].flatMap((a) => [0, 1].flatMap((b) => [0, 1, 2, 3, 4].map((c) => a + 3 * b + 6 * c))),
    )
    const turned = await readPages(`${path}?axes=xyt`)
    expect(turned.info).toMatchObject({ channels: 1, height: 2, width: 3, pages: 5, zPlanes: 1 })
    expect([...(turned.pages[4] as Raster).samples]).toEqual([24, 25, 26, 27, 28, 29])
  })

  test('of half, 64-bit and truth values keep what they mean, infinity and not-a-number too', async () => {
    const halves = npy('<f2', [2, 3], Uint8Array.of(0, 0x3c, 0, 0x41, 0, 0xc2, 0, 0x7e, 0, 0x7c, 1, 0))
    expect([...((await readPages(await write('half.npy', halves))).pages[0] as Raster).samples]).toEqual([
      1,
      2.5,
      -3,
      NaN,
      Infinity,
      2 ** -24,
    ])
    const long = npy('<i8', [1, 2], new Uint8Array(BigInt64Array.of(-5n, 2n ** 40n).buffer))
    expect([...((await readPages(await write('long.npy', long))).pages[0] as Raster).samples]).toEqual([
      -5,
      2 ** 40,
    ])
    const truth = npy('|b1', [2, 2], Uint8Array.of(0, 1, 1, 0))
    expect((await readPages(await write('truth.npy', truth))).info).toMatchObject({ sampleType: 'uint8' })
  })

  test.each([
    ['cut', npy('<u2', [50, 60], new Uint8Array(100)), 'image-truncated'],
    ['absurd', npy('<u2', [2 ** 31, 2 ** 31], new Uint8Array(100)), 'image-truncated'],
    ['a row', npy('<u2', [50], new Uint8Array(100)), 'image-unsupported'],
    ['an object', npy('|O', [1, 1], new Uint8Array(100)), 'image-unsupported'],
    ['no shape', Buffer.from(npy('<u2', [50, 60], new Uint8Array(6000))).fill(32, 40, 70), 'image-damaged'],
    ['six axes', npy('|u1', [2, 2, 2, 2, 2, 2], new Uint8Array(64)), 'image-unsupported'],
  ])('%s is refused', async (_what, bytes, code) => {
    const path = await write('bad.npy', bytes)
    await expect(openImage(path)).rejects.toMatchObject({ code, file: path })
  })
})

/** Digests of planes as h5py 3.16 reads them: the file, the page, its info, the first 16 digits of its SHA-256. */
const real: [string, number, object, string][] = [
  ['images/2d3c.h5', 0, { width: 187, height: 73, channels: 3, pages: 1 }, '9cbcca7fc3a9641a'],
  ['images/3d2c.h5', 49, { width: 55, height: 60, channels: 2, pages: 50, zPlanes: 50 }, 'b0230138df7e9b5c'],
  ['images/5t2d2c.h5', 4, { width: 77, height: 33, channels: 2, pages: 5, zPlanes: 1 }, '625197ffa6376444'],
  // Its axis tags say t, x, y, c.
  [
    'images/learningRaw-2017-01-17.h5',
    9,
    { width: 495, height: 534, pages: 10, zPlanes: 1 },
    '355e7c483aa64483',
  ],
  [
    'images/smallVideoBdv.h5',
    6,
    { width: 408, height: 408, pages: 7, sampleType: 'uint16' },
    'e30af7a60f842245',
  ],
  [
    'masks/smallVideo_labels.h5',
    3,
    { width: 408, height: 408, pages: 7, sampleType: 'uint8' },
    '3961bcd063ebe4f9',
  ],
]

describe.skipIf(sharedFolder === undefined)('HDF5 files of ilastik', () => {
  const data = join(sharedFolder ?? '', 'data', 'ilastik_hdf5')

  test.each(real)('%s, page %i', async (file, page, info, digest) => {
    const source = await openImage(join(data, file))
    expect(source.info).toMatchObject(info)
    const { samples } = await readPlane(source, page)
    expect(createHash('sha256').update(samples).digest('hex').slice(0, 16)).toBe(digest)
    await source.close()
  })

  test('one that is a row of numbers, and one that is cut off, are refused', async () => {
    await expect(openImage(join(data, 'images/1d.h5'))).rejects.toMatchObject({ code: 'image-unsupported' })
    const cut = join(temporaryFolder(), 'cut.h5')
    await copyFile(join(data, 'images/2d3c.h5'), cut)
    await truncate(cut, 20_000)
    await expect(openImage(cut)).rejects.toMatchObject({ code: 'image-truncated', file: cut })
  })
})

describe('HDF5', () => {
  async function writeHdf5(fill: (file: InstanceType<typeof h5wasm.File>) => void): Promise<string> {
    await h5wasm.ready
    const path = join(temporaryFolder(), 'file.h5')
    const file = new h5wasm.File(path, 'w')
    fill(file)
    file.close()
    return path
  }

  test('of several data sets: one is chosen by its path', async () => {
    const path = await writeHdf5((file) => {
      file.create_dataset({
        name: 'a',
        data: Uint8Array.from({ length: 200 }, (_, at) => at),
        shape: [10, 20],
      })
      const group = file.create_group('g')
      group.create_dataset({ name: 'b', data: Float64Array.of(1, NaN, Infinity, -4), shape: [2, 2] })
    })
    expect((await readPages(path)).info).toMatchObject({ images: ['/a', '/g/b'], image: '/a' })
    const { info, pages } = await readPages(`${path}?image=${encodeURIComponent('/g/b')}`)
    expect(info).toMatchObject({ image: '/g/b', sampleType: 'float64', width: 2, height: 2 })
    expect([...(pages[0] as Raster).samples]).toEqual([1, NaN, Infinity, -4])
  })

  test('names no other file: what links lead to is passed over', async () => {
    const other = await writeHdf5((file) => {
      file.create_dataset({ name: 'secret', data: new Uint8Array(100), shape: [10, 10] })
    })
    const path = await writeHdf5((file) => {
      file.create_external_link(other, '/secret', 'link')
      file.create_dataset({ name: 'own', data: new Uint8Array(4), shape: [2, 2] })
    })
    const { info } = await readPages(path)
    expect(info).toMatchObject({ width: 2, height: 2 })
    expect(info).not.toHaveProperty('images')
  })

  test('of Imaris is one image of times, channels, planes and resolutions, without its padding', async () => {
    const path = await writeHdf5((file) => {
      const make = (way: string): void => {
        way.split('/').reduce((before, name) => {
          const next = before === '' ? name : `${before}/${name}`
          if (file.get(next) === null) file.create_group(next)
          return next
        }, '')
      }
      const text = (group: string, name: string, value: string): void => {
        ;(file.get(group) as InstanceType<typeof h5wasm.Group>).create_attribute(
          name,
          Array.from(value),
          [value.length],
          'S1',
        )
      }
      for (const [level, size] of [64, 32].entries()) {
        for (const time of [0, 1]) {
          for (const channel of [0, 1]) {
            const way = `DataSet/ResolutionLevel ${level}/TimePoint ${time}/Channel ${channel}`
            make(way)
            const data = new Uint16Array(4 * size * size).fill(100 * level + 10 * time + channel)
            ;(file.get(way) as InstanceType<typeof h5wasm.Group>).create_dataset({
              name: 'Data',
              data,
              shape: [4, size, size],
            })
            text(way, 'ImageSizeX', String(size - 10))
            text(way, 'ImageSizeY', String(size - 4))
            text(way, 'ImageSizeZ', '3')
          }
        }
      }
      make('DataSetInfo/Image')
      make('DataSetInfo/Channel 1')
      for (const [name, value] of Object.entries({
        ExtMin0: '0',
        ExtMax0: '27',
        ExtMin1: '5',
        ExtMax1: '35',
        Unit: 'um',
      }))
        text('DataSetInfo/Image', name, value)
      text('DataSetInfo/Channel 1', 'Name', 'GFP')
      text('DataSetInfo/Channel 1', 'Color', '0.000 1.000 0.000')
    })
    const source = await openImage(path)
    expect(source.info).toMatchObject({
      ...{ width: 54, height: 60, channels: 2, pages: 6, zPlanes: 3, format: 'Imaris' },
      pixelSize: { x: 0.5, y: 0.5, unit: 'µm' },
      channelLooks: [{}, { name: 'GFP', colour: '#00ff00' }],
    })
    const { samples } = await readPlane(source, 5)
    expect([samples[0], samples.at(-1)]).toEqual([10, 11])
    const reduced = (await source.readReduced?.(2, 20)) as Raster
    expect([reduced.width, reduced.height, reduced.samples[0], reduced.samples.at(-1)]).toEqual([
      22, 28, 100, 101,
    ])
    expect(await source.readReduced?.(0, 50)).toBeUndefined()
    await source.close()
  })
})
