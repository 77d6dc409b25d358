import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromFile } from 'geotiff'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { readPlane } from '../../../src/main/imaging/read-plane.ts'
import { removeAbandonedTemporaries } from '../../../src/main/imaging/temporary-file.ts'
import type { Samples } from '../../../src/model/images/image-source.ts'
import { TiffWriter, type TiffLayout } from '../../../src/main/imaging/tiff-writer.ts'
import { outputError } from '../../../src/main/imaging/write-errors.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segscope-tiff-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

const plain: TiffLayout = {
  width: 700,
  height: 1900,
  sampleType: 'uint8',
  channels: 1,
  frames: 1,
  pixelSize: undefined,
  displayRange: [0, 2],
}

const depths = { uint8: 'uchar', uint16: 'ushort', float32: 'float' } as const

/** Values that differ between all planes, rows and columns. */
function plane(layout: TiffLayout, index: number): Uint8Array | Uint16Array | Float32Array {
  const size = layout.width * layout.height
  if (layout.sampleType === 'float32')
    return Float32Array.from({ length: size }, (_, at) => (index + 1) / (at + 3))
  const samples = layout.sampleType === 'uint8' ? new Uint8Array(size) : new Uint16Array(size)
  return samples.map((_, at) => at * 7 + (at >> 9) + index * 31)
}

/** Writes all planes side by side, in bands whose height is no multiple of a strip's. */
async function write(path: string, layout: TiffLayout, bandRows = 173): Promise<void> {
  const writer = await TiffWriter.create(path, layout)
  const planes = Array.from({ length: layout.channels * layout.frames }, (_, index) => plane(layout, index))
  for (let y = 0; y < layout.height; y += bandRows) {
    for (const [index, samples] of planes.entries()) {
      await writer.writeRows(samples.subarray(y * layout.width, (y + bandRows) * layout.width), index)
    }
  }
  await writer.finish()
}

describe('TiffWriter', () => {
  test.each([
    { ...plain },
    { ...plain, width: 1, height: 1 },
    { ...plain, width: 530_000, height: 3 },
    { ...plain, sampleType: 'uint16' as const, frames: 3 },
    { ...plain, width: 301, height: 1000, sampleType: 'float32' as const, channels: 3, frames: 2 },
  ])(
    'is read by libtiff, geotiff and ourselves: $sampleType, $width x $height, $channels x $frames',
    async (layout) => {
      const path = join(folder, 'read.tif')
      await write(path, layout)
      const ours = await openImage(path)
      const geotiff = await fromFile(path)
      const planes = layout.channels * layout.frames
      expect(ours.info).toMatchObject({
        width: layout.width,
        height: layout.height,
        channels: layout.channels,
        pages: layout.frames,
        format: 'TIFF',
      })
      for (let page = 0; page < planes; page++) {
        const expected = plane(layout, page)
        const [channel, frame] = [page % layout.channels, Math.floor(page / layout.channels)]
        const { samples } = await readPlane(ours, frame)
        expectSame(samples.subarray(channel * expected.length, (channel + 1) * expected.length), expected)
        const image = await geotiff.getImage(page)
        expectSame((await image.readRasters())[0] as Samples, expected)
        // libvips makes three equal channels of grey; the first of them is the plane.
        const depth = depths[layout.sampleType]
        const colours = depth === 'ushort' ? 'rgb16' : 'srgb'
        const decoded = await sharp(path, { page, limitInputPixels: false })
          .toColourspace(colours)
          .raw({ depth })
          .toBuffer()
        const bytes = expected.BYTES_PER_ELEMENT
        const bytesOfPlane = Uint8Array.from(
          { length: expected.byteLength },
          (_, at) => decoded[at + Math.floor(at / bytes) * 2 * bytes] as number,
        )
        expectSame(bytesOfPlane, new Uint8Array(expected.buffer))
      }
      await ours.close()
      await geotiff.close()
    },
  )

  test("is what ImageJ's own reader opens: ascending strips, Deflate, axes, unit and display range", async () => {
    const path = join(folder, 'imagej.tif')
    const pixelSize = { x: 0.65, y: 0.325, unit: 'µm' }
    await write(path, {
      ...plain,
      sampleType: 'float32',
      width: 300,
      channels: 3,
      frames: 2,
      pixelSize,
      displayRange: [0, 1],
    })
    const geotiff = await fromFile(path)
    const { fileDirectory } = await geotiff.getImage(0)
    const offsets = Array.from(await (fileDirectory.loadValue('StripOffsets') as Promise<ArrayLike<number>>))
    expect(offsets.length).toBeGreaterThan(3)
    expect(offsets).toEqual([...offsets].sort((left, right) => left - right))
    expect(fileDirectory.getValue('Compression')).toBe(8)
    expect(await fileDirectory.loadValue('ResolutionUnit')).toBe(1)
    expect(fileDirectory.hasTag('TileWidth')).toBe(false)
    expect(await fileDirectory.loadValue('ImageDescription')).toBe(
      'ImageJ=1.54f\nimages=6\nchannels=3\nframes=2\nhyperstack=true\nmode=grayscale\nunit=micron\nloop=false\nmin=0\nmax=1\n\0',
    )
    await geotiff.close()
    const ours = await openImage(path)
    expect(ours.info.pixelSize?.unit).toBe('µm')
    expect(ours.info.pixelSize?.x).toBeCloseTo(0.65, 9)
    expect(ours.info.pixelSize?.y).toBeCloseTo(0.325, 9)
    await ours.close()
  })

  test.each([
    { x: 12.5, y: 12.5, unit: 'µm' },
    { x: 0.1083333, y: 0.1083333, unit: 'µm' },
    { x: 3, y: 5, unit: 'Å' },
  ])('keeps a pixel size of $x x $y $unit', async (pixelSize) => {
    const path = join(folder, 'size.tif')
    await write(path, { ...plain, width: 5, height: 5, pixelSize })
    const image = await openImage(path)
    expect(image.info.pixelSize?.unit).toBe(pixelSize.unit === 'Å' ? '\\u00C5' : 'µm')
    expect(image.info.pixelSize?.x).toBeCloseTo(pixelSize.x, 7)
    expect(image.info.pixelSize?.y).toBeCloseTo(pixelSize.y, 7)
    await image.close()
  })

  test('becomes BigTIFF where classic offsets would not reach', async () => {
    const path = join(folder, 'big.tif')
    const layout = { ...plain, sampleType: 'uint16' as const, frames: 2 }
    const writer = await TiffWriter.create(path, layout)
    // As if 4 GiB had been written: the file is sparse and takes no room.
    Object.assign(writer, { position: 2 ** 32 + 1 })
    for (const page of [0, 1]) await writer.writeRows(plane(layout, page), page)
    await writer.finish()
    const ours = await openImage(path)
    const geotiff = await fromFile(path)
    expect(ours.info).toMatchObject({ format: 'BigTIFF', pages: 2 })
    expectSame((await readPlane(ours, 1)).samples, plane(layout, 1))
    expectSame((await (await geotiff.getImage(1)).readRasters())[0] as Samples, plane(layout, 1))
    await ours.close()
    await geotiff.close()
    await rm(path)
  })

  test('leaves what was there until it is complete, and nothing beside it when given up', async () => {
    const place = join(folder, 'place')
    await mkdir(place)
    const path = join(place, 'mask.tif')
    await writeFile(path, 'older')
    const writer = await TiffWriter.create(path, plain)
    await writer.writeRows(new Uint8Array(700 * 1000))
    expect(await readFile(path, 'utf8')).toBe('older')
    await expect(writer.finish()).rejects.toThrow('before all of its rows')
    await expect(writer.writeRows(new Uint8Array(700 * 901))).rejects.toThrow(RangeError)
    await writer.abort()
    await writer.abort()
    expect(await readdir(place)).toEqual(['mask.tif'])
    await write(path, plain)
    expect(await readdir(place)).toEqual(['mask.tif'])
    expect((await readFile(path)).subarray(0, 2).toString()).toBe('II')
  })

  test('removes what killed processes left, and nothing of those at work', async () => {
    const place = join(folder, 'left')
    await mkdir(place)
    // Above the largest process number of any system.
    const abandoned = `.segscope-${hostname()}-4194999-0.partial`
    const elsewhere = '.segscope-another-machine-4194999-0.partial'
    const ours = `.segscope-${hostname()}-${process.pid}-99.partial`
    for (const name of [abandoned, elsewhere, ours, 'mask.tif']) await writeFile(join(place, name), '')
    await removeAbandonedTemporaries(place)
    expect((await readdir(place)).sort()).toEqual([elsewhere, ours, 'mask.tif'].sort())
  })

  test('says what stopped it', async () => {
    await expect(TiffWriter.create(join(folder, 'nowhere', 'a.tif'), plain)).rejects.toMatchObject({
      code: 'write-failed',
    })
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    expect(outputError('/out/a.tif', full)).toMatchObject({ code: 'disk-full', file: '/out/a.tif' })
  })
})

/** Byte by byte: vitest's own comparison takes seconds for a million numbers. */
function expectSame(actual: Samples, expected: Samples): void {
  const bytes = ({ buffer, byteOffset, byteLength }: Samples): Buffer =>
    Buffer.from(buffer, byteOffset, byteLength)
  expect(actual.length * actual.BYTES_PER_ELEMENT).toBe(expected.byteLength)
  expect(bytes(actual).equals(bytes(expected))).toBe(true)
}
