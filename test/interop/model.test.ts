import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeOnnxModel } from '../../src/model/export/onnx.ts'
import type { Plan } from '../../src/model/plan/plan.ts'
import { RandomGenerator } from '../../src/model/random.ts'
import { readCheckpoint } from '../../src/model/weights/checkpoint.ts'
import { openImage } from '../../src/main/imaging/open-image.ts'
import { readPlane } from '../../src/main/imaging/read-plane.ts'
import { TiffWriter } from '../../src/main/imaging/tiff-writer.ts'
import { writeBioImageIOPackage } from '../../src/main/services/bioimageio/write-package.ts'
import { segmentWithCheckpoint } from '../../src/main/services/segment-with-checkpoint.ts'
import { writeRandomCheckpoint } from '../endurance/random-checkpoint.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { isMissing, runPython, runScript } from './python.ts'

const range = { low: 500, high: 4000 }
const kinds: { name: string; changes: Partial<Plan>; inputChannels: number }[] = [
  { name: 'grey, one range for all', changes: {}, inputChannels: 1 },
  {
    name: 'a range for each image, shrunk to a third',
    changes: { imageScale: 1 / 3, normalisation: { channels: [range], scope: 'image' } },
    inputChannels: 1,
  },
  {
    name: 'three channels',
    changes: {
      normalisation: { channels: [range, { low: 0, high: 900 }, { low: -5, high: 5000 }], scope: 'data set' },
    },
    inputChannels: 3,
  },
]

test.skipIf(isMissing).each(kinds)(
  'the exported network gives the same label map in Python: $name',
  async ({ changes, inputChannels }) => {
    const folder = temporaryFolder()
    const checkpoint = await exampleCheckpoint(folder, changes, inputChannels)
    const image = join(folder, 'cells.tif')
    await writeImage(image, 201, 250)
    await segmentWithCheckpoint({
      checkpoint,
      engine: 'onnxruntime',
      images: [image],
      imagesFolder: folder,
      outFolder: join(folder, 'out'),
      probabilities: false,
      flips: false,
      overwrite: false,
      onEvent: () => undefined,
    })
    await writeOnnxModel(join(folder, 'network.onnx'), checkpoint)
    const [, script] = /```python\n(.*?)```/s.exec(readFileSync(join(folder, 'network.md'), 'utf8')) ?? []
    writeFileSync(join(folder, 'segment.py'), script as string)
    await runScript('segment.py', ['cells.tif', 'classes.tif'], folder)
    const expected = await classesOf(join(folder, 'out', 'cells.tif'))
    const actual = await classesOf(join(folder, 'classes.tif'))
    expect(new Set(expected).size).toBeGreaterThan(2)
    const differing = expected.filter((value, at) => value !== actual[at]).length
    expect(differing).toBe(0)
  },
)

test.skipIf(isMissing)('packages pass the official check of BioImage.IO', async () => {
  const folder = temporaryFolder()
  const packages = []
  for (const [index, { name, changes, inputChannels }] of kinds.entries()) {
    const checkpoint = await exampleCheckpoint(folder, changes, inputChannels)
    const example = index === 0 ? join(folder, 'example.tif') : undefined
    if (example !== undefined) await writeImage(example, 300, 270)
    const path = join(folder, `package-${index}.zip`)
    await writeBioImageIOPackage(path, checkpoint, {
      name: 'Yeast - colonies (test)',
      description: name,
      authors: ['Somebody Else', 'A. N. Other'],
      license: 'CC-BY-4.0',
      example,
    })
    packages.push(path)
  }
  const checked = (await runPython('check_packages.py', ...packages)) as {
    status: string
    details: unknown
  }[]
  for (const { status, details } of checked) expect(status, JSON.stringify(details, null, 1)).toBe('passed')
  expect(checked).toHaveLength(kinds.length)
})

async function exampleCheckpoint(folder: string, changes: Partial<Plan>, inputChannels: number) {
  const path = join(folder, 'random.safetensors')
  await writeRandomCheckpoint(
    path,
    { encoder: 'mobilenet-v2', alpha: 0.35, decoder: 'slim', inputChannels, classes: 5, dropout: 0 },
    changes,
  )
  return readCheckpoint(path)
}

/** Discs of many sizes and brightnesses in noise, with a hot pixel. */
async function writeImage(path: string, width: number, height: number): Promise<void> {
  const random = new RandomGenerator(3)
  const samples = Uint16Array.from({ length: width * height }, () => random.uniform(400, 900))
  for (let disc = 0; disc < 25; disc++) {
    const [x0, y0, radius] = [random.uniform(0, width), random.uniform(0, height), random.uniform(4, 20)]
    const brightness = random.uniform(500, 4000)
    for (let at = 0; at < samples.length; at++) {
      if (Math.hypot((at % width) - x0, Math.floor(at / width) - y0) < radius) {
        samples[at] = Math.round((samples[at] as number) / 2 + brightness)
      }
    }
  }
  samples[1234] = 65535
  const writer = await TiffWriter.create(path, {
    width,
    height,
    sampleType: 'uint16',
    channels: 1,
    frames: 1,
    pixelSize: undefined,
    displayRange: [0, 5000],
  })
  await writer.writeRows(samples)
  await writer.finish()
}

async function classesOf(path: string): Promise<Uint8Array> {
  const source = await openImage(path)
  try {
    return (await readPlane(source, 0)).samples as Uint8Array
  } finally {
    await source.close()
  }
}
