import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listImages } from '../src/main/imaging/list-images.ts'
import { networkClasses } from '../src/main/services/network-classes.ts'
import { segmentFolder } from '../src/main/services/folder-segmentation.ts'
import type { SegmentationSummary } from '../src/main/services/segmentation-events.ts'
import { defaultEngine } from '../src/model/engine/engines.ts'
import { createPredictorThread } from '../src/model/engine/predictor-thread.ts'
import { chooseTiling } from '../src/model/prediction/predict-image.ts'
import { RandomGenerator } from '../src/model/random.ts'
import { initialiseWeights } from '../src/model/weights/initialise.ts'
import { folderImages, folderImageSide } from './report.ts'
import { writeUncompressedTiff } from './uncompressed-tiff.ts'
import { network } from './workload.ts'

/**
 * Segments a folder of generated 16-bit images as `segscope segment` does, from the first file opened to the last
 * label map in place. The weights are random, which makes label maps rough and slow to compress.
 */
export async function measureFolder(threads: number): Promise<SegmentationSummary> {
  const folder = await mkdtemp(join(tmpdir(), 'segscope-bench-'))
  try {
    const imagesFolder = join(folder, 'images')
    await writeImages(imagesFolder)
    const weights = initialiseWeights(network, new RandomGenerator(0))
    const options = { output: 'probabilities', threads } as const
    const predictor = await createPredictorThread(defaultEngine, network, weights, options)
    try {
      return await segmentFolder({
        images: await listImages(imagesFolder),
        imagesFolder,
        outFolder: join(folder, 'labels'),
        predictor,
        checkpoint: 'random weights',
        settings: {
          network,
          normalisation: { channels: [{ low: 200, high: 4000 }], scope: 'data set' },
          imageScale: 1,
          tiling: chooseTiling(process.availableMemory()),
        },
        classes: networkClasses(network.classes),
        probabilities: false,
        flips: false,
        overwrite: false,
        onEvent: (event) => {
          if (event.kind === 'failed') throw new Error(event.error)
        },
      })
    } finally {
      await predictor.dispose()
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Round bright spots on an uneven ground, with noise; the values of a 12-bit camera. */
async function writeImages(folder: string): Promise<void> {
  await mkdir(folder)
  const random = new RandomGenerator(1)
  for (let image = 0; image < folderImages; image++) {
    const samples = new Uint16Array(folderImageSide ** 2)
    for (let pixel = 0; pixel < samples.length; pixel++) {
      const ground = 400 + (pixel % folderImageSide) / 4
      samples[pixel] = ground + 100 * random.next()
    }
    for (let spot = 0; spot < 100; spot++) addSpot(samples, random)
    const name = `field_${String(image + 1).padStart(2, '0')}.tif`
    await writeUncompressedTiff(join(folder, name), folderImageSide, folderImageSide, samples)
  }
}

function addSpot(samples: Uint16Array, random: RandomGenerator): void {
  const radius = random.uniform(6, 25)
  const [left, top] = [0, 0].map(() => Math.floor(random.uniform(0, folderImageSide - 2 * radius))) as [
    number,
    number,
  ]
  for (let y = 0; y < 2 * radius; y++) {
    for (let x = 0; x < 2 * radius; x++) {
      const height = 1 - ((x - radius) ** 2 + (y - radius) ** 2) / radius ** 2
      const pixel = (top + y) * folderImageSide + left + x
      if (height > 0) samples[pixel] = Math.min(4095, (samples[pixel] as number) + 2500 * Math.sqrt(height))
    }
  }
}
