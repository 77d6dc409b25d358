import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listImages } from '../../../src/main/imaging/list-images.ts'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { readPlane } from '../../../src/main/imaging/read-plane.ts'
import { cropRaster } from '../../../src/main/imaging/regions.ts'
import type { ImageInfo, Raster, Region } from '../../../src/model/images/image-source.ts'
import { sharedFolder } from '../../shared.ts'
import { buildTiff, type BuiltPage } from './tiff-builder.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segscope-imaging-'))
})

afterAll(() => rm(folder, { recursive: true }))

async function write(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return path
}

async function readPages(path: string): Promise<{ info: ImageInfo; pages: Raster[] }> {
  const source = await openImage(path)
  try {
    const pages: Raster[] = []
    for (let page = 0; page < source.info.pages; page++) pages.push(await readPlane(source, page))
    return { info: source.info, pages }
  } finally {
    await source.close()
  }
}

const ramp = (length: number) => Uint8Array.from({ length }, (_, index) => index)

describe('regions', () => {
  const files = [
    'tiff_conformance/images/exampletiffs_bsd3/shapes_lzw_tiled_planar.tif',
    'tiff_conformance/images/exampletiffs_bsd3/shapes_lzw_planar_10bps.tif',
    'tiff_conformance/images/exampletiffs_bsd3/shapes_jpg.tif',
    'pie_yeast_microcolonies_16bit/images/t08xy0001.tif',
    'stardist_samples/images/histo.jpg',
  ]
  test.skipIf(sharedFolder === undefined).each(files)('of %s equal the whole', async (file) => {
    const source = await openImage(join(sharedFolder as string, 'data', file))
    const { width, height } = source.info
    const whole = await readPlane(source)
    const regions: Region[] = [
      { x: 0, y: 0, width: 1, height: 1 },
      { x: width - 1, y: height - 1, width: 1, height: 1 },
      { x: 5, y: 3, width: width - 9, height: height - 7 },
      { x: 17, y: 0, width: 40, height },
      { x: 0, y: 41, width, height: 2 },
    ]
    for (const region of regions) expect(await source.read(region)).toEqual(cropRaster(whole, region))
    await expect(source.read({ x: 1, y: 0, width, height: 1 })).rejects.toThrow(RangeError)
    await expect(source.read({ x: 0, y: 0, width: 1, height: 1 }, source.info.pages)).rejects.toThrow(
      RangeError,
    )
    await source.close()
  })

  test('of a 3 GB page in one strip take little memory', async () => {
    // As ImageJ writes: the whole page one uncompressed strip. The file is sparse, so it takes no disk.
    const [width, height] = [50_000, 30_000]
    const start = buildTiff(
      [
        {
          width,
          height,
          chunks: [new Uint8Array(1)],
          tags: { 258: [3, [16]], 279: [4, [width * height * 2]] },
        },
      ],
      { big: true },
    )
    const path = await write('large.tif', start)
    const strip = 16
    const file = await open(path, 'r+')
    await file.truncate(strip + width * height * 2 + start.length)
    // The strip runs over the directory at its beginning, which only its first pixels notice.
    const place = { x: 49_990, y: 29_999 }
    await file.write(Uint8Array.of(0x34, 0x12), 0, 2, strip + (place.y * width + place.x) * 2)
    await file.close()

    const source = await openImage(path)
    const before = process.memoryUsage().arrayBuffers
    const { samples } = await source.read({ x: 49_488, y: 29_488, width: 512, height: 512 })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200e6)
    expect(samples[511 * 512 + place.x - 49_488]).toBe(0x1234)
    expect(samples.filter((value) => value !== 0)).toHaveLength(1)
    await source.close()
  })
})

describe('what a TIFF says', () => {
  const page: BuiltPage = { width: 4, height: 2, chunks: [ramp(8)] }

  test.each([
    [
      'ImageJ, escaped micro sign',
      { 282: [5, [4]], 283: [5, [2]], 296: [3, [1]] },
      'ImageJ=1.54f\nunit=\\u00B5m\n',
      0.25,
      0.5,
    ],
    ['ImageJ, nanometres', { 282: [5, [0.01]], 283: [5, [0.01]] }, 'ImageJ=1.54f\nunit=nm\n', 0.1, 0.1],
    ['dots per centimetre', { 282: [5, [20_000]], 283: [5, [40_000]], 296: [3, [3]] }, '', 0.5, 0.25],
    [
      'OME-XML',
      {},
      '<OME><Image><Pixels SizeX="4" SizeY="2" SizeZ="1" SizeC="1" SizeT="1" DimensionOrder="XYCZT" PhysicalSizeX="650" PhysicalSizeXUnit="nm" PhysicalSizeY="0.7"/></Image></OME>',
      0.65,
      0.7,
    ],
  ] as const)('pixel size from %s', async (_case, tags, description, x, y) => {
    const text = [...Buffer.from(`${description}\0`)]
    const path = await write(
      'size.tif',
      buildTiff([{ ...page, tags: { ...structuredClone(tags), 270: [2, text] } as never }]),
    )
    const { pixelSize } = (await readPages(path)).info
    expect(pixelSize?.unit).toBe('µm')
    expect(pixelSize?.x).toBeCloseTo(x)
    expect(pixelSize?.y).toBeCloseTo(y)
  })

  test("a screen's resolution is no pixel size", async () => {
    const path = await write(
      'dpi.tif',
      buildTiff([{ ...page, tags: { 282: [5, [72]], 283: [5, [72]], 296: [3, [2]] } }]),
    )
    expect((await readPages(path)).info.pixelSize).toBeUndefined()
  })

  test("ImageJ's large stacks have one directory for all their images", async () => {
    const description = [...Buffer.from('ImageJ=1.54f\nimages=3\nslices=3\n\0')]
    const path = await write(
      'stack.tif',
      buildTiff([{ ...page, chunks: [ramp(24)], tags: { 270: [2, description], 279: [4, [8]] } }]),
    )
    const { pages } = await readPages(path)
    expect(pages.map(({ samples }) => [...samples])).toEqual(
      [0, 8, 16].map((first) => [...ramp(8)].map((value) => value + first)),
    )
  })

  test('pages of another size are left out, and values stay as stored', async () => {
    const bytes = buildTiff(
      [
        { ...page, tags: { 254: [4, [1]] }, width: 2, height: 1, chunks: [ramp(2)] },
        { ...page, tags: { 262: [3, [0]] } },
        { ...page, chunks: [ramp(8).reverse()] },
        { ...page, width: 2, height: 4 },
      ],
      { littleEndian: false, big: true },
    )
    const { info, pages } = await readPages(await write('pages.tif', bytes))
    expect(info).toMatchObject({ width: 4, height: 2, pages: 2, format: 'BigTIFF' })
    expect(pages.map(({ samples }) => [...samples])).toEqual([[...ramp(8)], [...ramp(8).reverse()]])
  })
})

describe('PNG', () => {
  const [width, height] = [37, 29]
  const picture = Uint16Array.from({ length: width * height * 3 }, (_, index) => (index * 7919) % 65_536)
  const grey8 = Uint8Array.from({ length: width * height }, (_, index) => (index * 31) % 256)

  test.each([false, true])('16-bit RGB as libpng wrote it, interlaced: %s', async (progressive) => {
    const png = await sharp(picture, { raw: { width, height, channels: 3 } })
      .toColourspace('rgb16')
      .png({ progressive })
      .toBuffer()
    const { info, pages } = await readPages(await write('rgb16.png', png))
    const planar = [0, 1, 2].flatMap((channel) => [...picture].filter((_, index) => index % 3 === channel))
    expect(info).toMatchObject({ width, height, channels: 3, sampleType: 'uint16', format: 'PNG' })
    expect([...(pages[0] as Raster).samples]).toEqual(planar)
  })

  test('grey with alpha, and few grey levels packed in bits', async () => {
    const withAlpha = await sharp(grey8, { raw: { width, height, channels: 1 } })
      .toColourspace('b-w')
      .ensureAlpha(0.5)
      .png()
      .toBuffer()
    const { info, pages } = await readPages(await write('alpha.png', withAlpha))
    expect(info.channels).toBe(1)
    expect((pages[0] as Raster).samples).toEqual(grey8)
  })

  test('a palette is read as its indices, which are the classes of label maps', async () => {
    const colours = Uint8Array.from({ length: width * height * 3 }, (_, index) =>
      Math.floor(index / 3) % 3 === index % 3 ? 255 : 0,
    )
    const png = await sharp(colours, { raw: { width, height, channels: 3 } })
      .png({ palette: true, dither: 0 })
      .toBuffer()
    const { info, pages } = await readPages(await write('palette.png', png))
    expect(info).toMatchObject({ channels: 1, sampleType: 'uint8' })
    const samples = (pages[0] as Raster).samples
    expect(new Set(samples).size).toBe(3)
    samples.forEach((value, index) => {
      expect(value).toBe(samples[index % 3])
    })
  })
})

describe('files that lie', () => {
  const page: BuiltPage = { width: 64, height: 64, chunks: [ramp(4096)] }
  const bomb = deflateSync(new Uint8Array(50e6))
  const loop = buildTiff([page, page], { lastPointer: (first) => first })
  const cases: [string, Uint8Array, string][] = [
    ['nothing', new Uint8Array(0), 'not-an-image'],
    ['text', Buffer.from('no image at all'), 'not-an-image'],
    ['a cut TIFF', buildTiff([page, page]).subarray(0, 6000), 'image-truncated'],
    ['a strip beyond the file', buildTiff([{ ...page, tags: { 273: [4, [1e6]] } }]), 'image-truncated'],
    [
      'a size that no strip can hold',
      buildTiff([{ ...page, width: 2 ** 30, height: 2 ** 30 }]),
      'image-truncated',
    ],
    ['a size of nothing', buildTiff([{ ...page, width: 0 }]), 'image-damaged'],
    [
      'Deflate of more than declared',
      buildTiff([{ ...page, chunks: [bomb], tags: { 259: [3, [8]] } }]),
      'image-damaged',
    ],
    [
      'Deflate of less than declared',
      buildTiff([{ ...page, chunks: [deflateSync(ramp(4000))], tags: { 259: [3, [8]] } }]),
      'image-truncated',
    ],
    [
      'a strip of 4 GB',
      buildTiff([{ ...page, width: 2 ** 16, height: 2 ** 16, chunks: [bomb], tags: { 259: [3, [50000]] } }]),
      'image-too-large',
    ],
    ['an unknown compression', buildTiff([{ ...page, tags: { 259: [3, [33003]] } }]), 'image-unsupported'],
    [
      'complex numbers',
      buildTiff([{ ...page, tags: { 258: [3, [64]], 339: [3, [6]] } }]),
      'image-unsupported',
    ],
  ]
  test.each(cases)('%s', async (_case, bytes, code) => {
    const path = await write('lie.tif', bytes)
    await expect(readPages(path)).rejects.toMatchObject({ name: 'SegscopeError', code, file: path })
  })

  test('the compression that is not read is named', async () => {
    const path = await write('jpeg2000.tif', buildTiff([{ ...page, tags: { 259: [3, [33003]] } }]))
    await expect(openImage(path)).rejects.toThrow('JPEG 2000')
  })

  test('a loop of pages ends', async () => {
    expect((await readPages(await write('loop.tif', loop))).pages).toHaveLength(2)
  })

  test('a cut PNG, a PNG that holds more than it declares, a cut JPEG', async () => {
    const noise = Uint8Array.from({ length: 300 * 300 }, (_, index) => (index * index) >> 3)
    const image = sharp(noise, { raw: { width: 300, height: 300, channels: 1 } })
    const png = await image.png().toBuffer()
    await expect(readPages(await write('cut.png', png.subarray(0, -40)))).rejects.toMatchObject({
      code: 'image-truncated',
    })
    const lying = Buffer.from(png)
    lying.writeUInt32BE(10, 20)
    await expect(readPages(await write('lie.png', lying))).rejects.toMatchObject({ code: 'image-damaged' })
    lying.writeUInt32BE(2 ** 20, 20)
    await expect(readPages(await write('lie.png', lying))).rejects.toMatchObject({ code: 'image-truncated' })
    lying.writeUInt32BE(2 ** 31 - 1, 20)
    await expect(readPages(await write('lie.png', lying))).rejects.toMatchObject({ code: 'image-too-large' })
    const jpeg = await image.jpeg().toBuffer()
    const path = await write('cut.jpg', jpeg.subarray(0, jpeg.length >> 1))
    await expect(readPages(path)).rejects.toMatchObject({ code: 'image-damaged', file: path })
  })

  test('a JPEG that declares more than it can hold', async () => {
    const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer()
    const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0))
    jpeg.writeUInt16BE(18_000, frame + 5)
    jpeg.writeUInt16BE(18_000, frame + 7)
    await expect(openImage(await write('lie.jpg', jpeg))).rejects.toMatchObject({ code: 'image-truncated' })
  })

  test.skipIf(sharedFolder === undefined)(
    'a tenth of the malformed files; npm run test:endurance takes all',
    async () => {
      const malformed = join(sharedFolder as string, 'data/tiff_malformed/malformed')
      const files = (await listImages(malformed)).filter((_, index) => index % 10 === 0)
      expect(files.length).toBeGreaterThan(30)
      for (const file of files) {
        const thrown: unknown = await readPages(file).catch((error: unknown) => error)
        if (thrown instanceof Error) expect(thrown).toMatchObject({ name: 'SegscopeError', file })
      }
    },
  )

  test('a file that is not there, and a folder', async () => {
    await expect(openImage(join(folder, 'absent.tif'))).rejects.toMatchObject({ code: 'file-unreadable' })
    await expect(openImage(folder)).rejects.toMatchObject({ code: 'file-unreadable' })
  })
})
