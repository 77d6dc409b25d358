import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openImage } from '../../src/main/imaging/open-image.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { MemoryReport } from './measured-segscope.ts'
import { writeNoiseImage } from './noise-image.ts'
import { smallNetwork, trueNetwork, writeRandomCheckpoint } from './random-checkpoint.ts'
import { choose } from './size.ts'

/** Segments a folder in a process of its own; what it needed. */
async function segment(folder: string): Promise<MemoryReport> {
  const report = join(folder, 'memory.json')
  const program = resolve(import.meta.dirname, 'measured-segscope.ts')
  const child = spawn(
    process.execPath,
    [
      ...[program, report, 'segment', '--json'],
      ...['--images', join(folder, 'images'), '--out', join(folder, 'out')],
      ...['--checkpoint', join(folder, 'checkpoint.safetensors')],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  // A test that runs out of its time must not leave it at work.
  onTestFinished(() => void child.kill())
  const [status] = (await once(child, 'exit')) as [number | null]
  expect(status).toBe(0)
  return JSON.parse(readFileSync(report, 'utf8')) as MemoryReport
}

/** In full it takes 22 minutes on two cores where nothing else runs. */
const ofLargest = 90 * 60_000

test('an image much larger than its memory is segmented as a stream', { timeout: ofLargest }, async () => {
  // In small, the network is small too: its own memory must not hide the image's (72 MB, 720 MB as probabilities).
  const { side, network, limit } = choose({
    small: { side: 6000, network: smallNetwork, limit: 1.5e9 },
    full: { side: 20_000, network: trueNetwork, limit: 2 * 2 ** 30 },
  })
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'images'))
  await writeNoiseImage(join(folder, 'images/mosaic.tif'), side, side, 1)
  await writeRandomCheckpoint(join(folder, 'checkpoint.safetensors'), network)
  const { peakBytes } = await segment(folder)
  console.log(`${side} x ${side}: peak ${(peakBytes / 1e6).toFixed(0)} MB`)
  expect(peakBytes).toBeLessThan(limit)
  const labels = await openImage(join(folder, 'out/mosaic.tif'))
  expect(labels.info).toMatchObject({
    width: side,
    height: side,
    sampleType: 'uint8',
    pixelSize: { unit: 'µm' },
  })
  await labels.read({ x: side - 300, y: side - 300, width: 300, height: 300 })
  await labels.close()
})

test('memory does not grow with the number of images', async () => {
  const images = choose({ small: 60, full: 1000 })
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'images'))
  for (let index = 0; index < images; index++) {
    const path = join(folder, `images/${index}.tif`)
    if (index < 10) await writeNoiseImage(path, 512, 512, index)
    else copyFileSync(join(folder, `images/${index % 10}.tif`), path)
  }
  await writeRandomCheckpoint(join(folder, 'checkpoint.safetensors'), smallNetwork)
  const { samples } = await segment(folder)
  const quarter = Math.floor(samples.length / 4)
  // The first quarter starts up; the last one has seen all images.
  const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)].map(
    (part) => part.reduce((sum, bytes) => sum + bytes, 0) / part.length,
  ) as [number, number]
  console.log(`${images} images: ${(early / 1e6).toFixed(0)} MB early, ${(late / 1e6).toFixed(0)} MB late`)
  // Half of the images kept as samples and probabilities would be 90 MB in small, 1.5 GB in full.
  expect(late - early).toBeLessThan(60e6)
})
