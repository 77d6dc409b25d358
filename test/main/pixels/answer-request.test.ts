import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Application } from '../../../src/main/application.ts'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { TiffWriter } from '../../../src/main/imaging/tiff-writer.ts'
import { answerRequest } from '../../../src/main/pixels/answer-request.ts'
import { fingerprintImage } from '../../../src/main/services/content-fingerprint.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import {
  labelTilesAddress,
  pixelTileAddress,
  thumbnailAddress,
} from '../../../src/preload/contract/addresses.ts'
import { encodeLabelTiles, LABEL_TILE_SIZE } from '../../../src/preload/contract/label-tiles.ts'
import { sharedFolder } from '../../shared.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { startApplication } from '../procedures/connections.ts'

async function startWithProject(): Promise<Application> {
  const application = await startApplication()
  await application.create(join(temporaryFolder(), 'project'), 'Yeast')
  onTestFinished(async () => {
    application.closeProject()
    await application.imageWorkers.close()
  })
  return application
}

async function add(application: Application, path: string): Promise<number> {
  const source = await openImage(path)
  const { width, height, channels, pages, sampleType } = source.info
  await source.close()
  const fingerprint = await fingerprintImage(path)
  const { images } = application.requireOpened().project
  return images.save({ path, fingerprint, width, height, channels, pages, sampleType }).id
}

async function ask(application: Application, address: string, options?: RequestInit): Promise<Response> {
  const response = await answerRequest(application, new Request(`http://segscope${address}`, options))
  return response as Response
}

const types = { uint8: Uint8Array, uint16: Uint16Array, float32: Float32Array }

/** Noise, a page for each frame and channel. */
async function writeImage(
  sampleType: keyof typeof types,
  { width, height, frames }: { width: number; height: number; frames: number },
): Promise<string> {
  const path = join(temporaryFolder(), `${sampleType}.tif`)
  const displayRange = [0, 1] as const
  const layout = { width, height, sampleType, channels: 1, frames, displayRange, pixelSize: undefined }
  const writer = await TiffWriter.create(path, layout)
  const random = new RandomGenerator(width)
  for (let page = 0; page < frames; page++) {
    const samples = new types[sampleType](width * height).map(() => random.nextInteger(60_000))
    await writer.writeRows(samples, page)
  }
  await writer.finish()
  return path
}

describe('pixel tiles', () => {
  test.each([
    ['uint8', 513, 700, 1],
    ['uint16', 1025, 513, 3],
    ['float32', 512, 600, 1],
  ] as const)('of %s, %i x %i, %i pages, are what the file holds', async (type, width, height, frames) => {
    const application = await startWithProject()
    const path = await writeImage(type, { width, height, frames })
    const image = await add(application, path)
    const source = await openImage(path)
    onTestFinished(() => source.close())
    for (let page = 0; page < frames; page++) {
      for (let row = 0; row * 512 < height; row++) {
        for (let column = 0; column * 512 < width; column++) {
          const at = { page, channel: 0, level: 0, column, row }
          const response = await ask(application, pixelTileAddress(image, at, 'sha256:1'))
          expect(response.headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
          const [x, y] = [column * 512, row * 512]
          const region = { x, y, width: Math.min(512, width - x), height: Math.min(512, height - y) }
          const { samples } = await source.read(region, page)
          expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(samples.buffer))).toBe(true)
        }
      }
    }
  })

  test('of a colour image come channel by channel', async () => {
    const application = await startWithProject()
    const path = join(temporaryFolder(), 'colour.png')
    const pixels = Uint8Array.from({ length: 3 * 600 * 4 }, (_, at) => (at * 7) % 251)
    await sharp(pixels, { raw: { width: 600, height: 4, channels: 3 } })
      .png()
      .toFile(path)
    const image = await add(application, path)
    for (const channel of [0, 1, 2]) {
      const at = { page: 0, channel, level: 0, column: 1, row: 0 }
      const bytes = new Uint8Array(
        await (await ask(application, pixelTileAddress(image, at, 'x'))).arrayBuffer(),
      )
      expect(bytes).toHaveLength(88 * 4)
      expect(bytes[88 + 2]).toBe(pixels[3 * (600 + 512 + 2) + channel])
    }
  })

  test('that do not exist, and addresses that mean nothing, are refused', async () => {
    const application = await startWithProject()
    const image = await add(application, await writeImage('uint8', { width: 600, height: 10, frames: 2 }))
    for (const path of [
      `/pixels/${image}/0/0/0/2/0`,
      `/pixels/${image}/0/0/0/0/1`,
      `/pixels/${image}/0/0/2/0/0`,
      `/pixels/${image}/0/1/0/0/0`,
      `/pixels/${image}/2/0/0/0/0`,
      `/pixels/${image}/0/0/0/0`,
      `/pixels/${image}/0/0/0/0/0/0`,
      `/pixels/${image}/0/0/0/0/-1`,
      `/pixels/${image}/0/0/0/0/1e0`,
      `/pixels/${image}/0/0/999999999999999/0/0`,
      `/pixels/../../etc/passwd`,
      `/pixels`,
      `/thumbnails/`,
      `/thumbnails/x`,
      `/thumbnails/${image}/1`,
    ]) {
      const response = await answerRequest(application, new Request(`http://segscope${path}`))
      if (response === undefined) continue
      expect([path, response.status]).toEqual([path, 400])
      expect(await response.json()).toMatchObject({ code: 'request-malformed' })
    }
    expect((await ask(application, `/pixels/${image}/0/0/0/0/0`, { method: 'POST' })).status).toBe(400)
    const unknown = await ask(application, '/pixels/999/0/0/0/0/0')
    expect([unknown.status, await unknown.json()]).toMatchObject([409, { code: 'image-unknown' }])
  })

  test('that nobody waits for any more are not read', async () => {
    const application = await startWithProject()
    const image = await add(application, await writeImage('uint8', { width: 600, height: 10, frames: 1 }))
    const leaving = new AbortController()
    const asked = ask(application, `/pixels/${image}/0/0/0/0/0`, { signal: leaving.signal })
    leaving.abort()
    expect(await (await asked).json()).toMatchObject({ code: 'cancelled' })
  })

  test('of a file that is gone, or is another image now, say so', async () => {
    const application = await startWithProject()
    const path = await writeImage('uint16', { width: 700, height: 20, frames: 1 })
    const image = await add(application, path)
    copyFileSync(await writeImage('uint8', { width: 90, height: 20, frames: 1 }), path)
    const changed = await ask(application, `/pixels/${image}/0/0/0/1/0`)
    expect(await changed.json()).toMatchObject({ code: 'image-changed', file: path })
    await expect(application.requireOpened().pixels.details(image)).rejects.toMatchObject({
      code: 'image-changed',
    })
    rmSync(path)
    const gone = await ask(application, `/pixels/${image}/0/0/0/0/0`)
    expect(await gone.json()).toMatchObject({ code: 'file-unreadable', file: path })
  })
})

test('a large image shows coarsely at once, and exactly when its levels are made', async () => {
  const application = await startWithProject()
  const path = await writeImage('float32', { width: 4200, height: 4100, frames: 1 })
  const image = await add(application, path)
  const { pixels } = application.requireOpened()
  const first = await pixels.details(image)
  expect(first.levels).toBe(5)
  const address = pixelTileAddress(
    image,
    { page: 0, channel: 0, level: 4, column: 0, row: 0 },
    first.fingerprint,
  )
  const coarse = await ask(application, address)
  expect(coarse.headers.get('cache-control')).toBe('no-store')
  expect((await coarse.arrayBuffer()).byteLength).toBe(4 * 263 * 257)
  await expect
    .poll(async () => (await ask(application, address)).headers.get('cache-control'), { timeout: 60_000 })
    .toMatch(/immutable/)
  const values = new Float32Array(await (await ask(application, address)).arrayBuffer())
  // Means of 256 values of even noise from 0 to 60,000.
  expect(Math.min(...values)).toBeGreaterThan(20_000)
  expect(Math.max(...values)).toBeLessThan(40_000)
  const second = await pixels.details(image)
  expect(second.fingerprint).toBe(first.fingerprint)
  expect(second.statistics[0]?.percentiles[500]).toBeCloseTo(30_000, -3)
})

test('details tell what the file and its pixels are', async () => {
  const application = await startWithProject()
  const path = await writeImage('uint16', { width: 600, height: 500, frames: 2 })
  const id = await add(application, path)
  const details = await application.requireOpened().pixels.details(id)
  expect(details).toMatchObject({
    id,
    path,
    format: 'TIFF',
    width: 600,
    height: 500,
    channels: 1,
    pages: 2,
    levels: 2,
  })
  expect(details.fingerprint).toBe(await fingerprintImage(path))
  const source = await openImage(path)
  onTestFinished(() => source.close())
  const sorted = (await source.read({ x: 0, y: 0, width: 600, height: 500 })).samples.toSorted()
  const [statistics] = details.statistics
  expect(statistics).toMatchObject({ minimum: sorted[0], maximum: sorted.at(-1) })
  expect(statistics?.percentiles).toHaveLength(1001)
  expect(statistics?.percentiles[999]).toBe(sorted[Math.round(0.999 * (sorted.length - 1))])
  expect(statistics?.histogram).toHaveLength(256)
  expect(statistics?.histogram.reduce((sum, count) => sum + count, 0)).toBe(sorted.length)
  const width = ((sorted.at(-1) as number) - (sorted[0] as number)) / 256
  const inFirstBin = sorted.filter((value) => value < (sorted[0] as number) + width).length
  expect(statistics?.histogram[0]).toBe(inFirstBin)
})

describe('thumbnails', () => {
  test('are made once and kept, also for a file that is gone', async () => {
    const application = await startWithProject()
    const path = await writeImage('uint16', { width: 700, height: 300, frames: 1 })
    const image = await add(application, path)
    const address = thumbnailAddress(image, 'v')
    const response = await ask(application, address)
    expect(response.headers.get('content-type')).toBe('image/webp')
    const made = Buffer.from(await response.arrayBuffer())
    expect(await sharp(made).metadata()).toMatchObject({ format: 'webp', width: 256, height: 110 })
    rmSync(path)
    expect(Buffer.from(await (await ask(application, address)).arrayBuffer()).equals(made)).toBe(true)
    await application.imageCache.clear()
    expect(await (await ask(application, address)).json()).toMatchObject({ code: 'file-unreadable' })
  })

  test('say why a file has none', async () => {
    const application = await startWithProject()
    const path = await writeImage('uint8', { width: 600, height: 10, frames: 1 })
    const image = await add(application, path)
    writeFileSync(path, 'no image')
    const response = await ask(application, thumbnailAddress(image, 'v'))
    expect([response.status, response.headers.get('cache-control')]).toEqual([409, 'no-store'])
    expect(await response.json()).toMatchObject({ code: 'not-an-image', file: path })
  })

  test
    .skipIf(sharedFolder === undefined)
    .each([
      'bitdepth_nuclei_16bit/images/bone_20x_2.tif',
      'bitdepth_nuclei_16bit/images/kidney_20x_2.tif',
      'neubias_training/images/watershed__xy_16bit__tubulin.tif',
      'pie_yeast_microcolonies_16bit/images/t02xy0001.tif',
      'stardist_samples/images/img2d.tif',
      'stardist_samples/images/histo.jpg',
      'usiigaci_phase_16bit/images/set22.tif',
      'yeastvision_pos13_16bit/images/img_000000096_Ph3_000.tif',
    ])('show the cells of %s', async (name) => {
    const application = await startWithProject()
    const path = join(sharedFolder as string, 'data', name)
    expect(existsSync(path)).toBe(true)
    const response = await ask(application, thumbnailAddress(await add(application, path), 'v'))
    const { channels } = await sharp(Buffer.from(await response.arrayBuffer()))
      .greyscale()
      .stats()
    expect(channels[0]?.mean).toBeGreaterThan(25)
    expect(channels[0]?.mean).toBeLessThan(225)
    expect(channels[0]?.stdev).toBeGreaterThan(20)
  })
})

describe('a stroke', () => {
  /** Tiles that take 18 bytes each on their way, and 64 KiB as labels. */
  async function send(application: Application, image: number, tiles: number): Promise<Response> {
    const values = new Uint8Array(LABEL_TILE_SIZE ** 2).fill(255)
    const stroke = Array.from({ length: tiles }, (_, column) => ({ column, row: 0, values }))
    const body = encodeLabelTiles({ revision: 0, tiles: stroke })
    return await ask(application, labelTilesAddress({ image, page: 0 }, 0), { method: 'POST', body })
  }

  test('of more tiles than the plane has is refused before any is unpacked', async () => {
    const application = await startWithProject()
    const image = await add(application, await writeImage('uint8', { width: 513, height: 256, frames: 1 }))
    expect((await send(application, image, 3)).status).toBe(200)
    const before = process.memoryUsage().arrayBuffers
    const refused = await send(application, image, 4)
    expect([refused.status, await refused.json()]).toMatchObject([400, { code: 'request-malformed' }])
    // The count alone decides: a body that claims four thousand million tiles is not looked at further.
    const body = Buffer.concat([Buffer.alloc(4), Buffer.from([0xff, 0xff, 0xff, 0xff]), Buffer.alloc(1800)])
    const address = labelTilesAddress({ image, page: 0 }, 0)
    expect((await ask(application, address, { method: 'POST', body })).status).toBe(400)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20)
  })

  test('on an image that was removed says so', async () => {
    const application = await startWithProject()
    expect(await (await send(application, 999, 1)).json()).toMatchObject({ code: 'image-unknown' })
  })
})
