import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { defaultEngine } from '../../../src/model/engine/engines.ts'
import { UNLABELLED } from '../../../src/model/images/label-map.ts'
import { LABEL_TILE_SIZE } from '../../../src/preload/contract/label-tiles.ts'
import { splitPage } from '../../../src/preload/contract/image-address.ts'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { readLabelMap } from '../../../src/main/imaging/read-label-map.ts'
import { readPlane } from '../../../src/main/imaging/read-plane.ts'
import { TiffWriter } from '../../../src/main/imaging/tiff-writer.ts'
import { jobOfExperiment, keepExperiment } from '../../../src/main/services/experiments.ts'
import { registerImages } from '../../../src/main/services/image-registry.ts'
import { snapshotLabels } from '../../../src/main/services/label-snapshot.ts'
import { LabelStore } from '../../../src/main/services/label-store.ts'
import { readPaintedData } from '../../../src/main/services/painted-data.ts'
import { checkPaintedLabels } from '../../../src/main/services/painted-pre-flight.ts'
import { prepareTraining } from '../../../src/main/services/prepare-training.ts'
import { ProjectClasses } from '../../../src/main/services/project-classes.ts'
import { createProject } from '../../../src/main/services/project.ts'
import { splitStacks } from '../../../src/main/services/split-stacks.ts'
import { readTrainingData, type TrainingData } from '../../../src/main/services/training-data.ts'
import type { TrainingNews } from '../../../src/main/services/training-news.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const side = 48
const signal = new AbortController().signal

/** What a stack holds at a place: its page can be told from every pixel. */
const pixelOf = (page: number, at: number): number => 1000 * (page + 1) + ((at * 37) % 211)
/** Which class is painted there: other places on each page. */
const labelOf = (page: number, at: number): number =>
  at % side < 10 + page ? 0 : at % side > 40 ? UNLABELLED : 1

async function writeStack(
  path: string,
  pages: number,
  sampleType: 'uint8' | 'uint16',
  valueOf: typeof labelOf,
) {
  mkdirSync(join(path, '..'), { recursive: true })
  const writer = await TiffWriter.create(path, {
    ...{ width: side, height: side, sampleType, channels: 1, frames: pages },
    ...{ pixelSize: undefined, displayRange: [0, 255] as const },
  })
  for (let page = 0; page < pages; page++) {
    const values = Array.from({ length: side * side }, (_, at) => valueOf(page, at))
    await writer.writeRows(sampleType === 'uint8' ? Uint8Array.from(values) : Uint16Array.from(values), page)
  }
  await writer.finish()
}

/** Prepares a training of a few steps, as both doors do, and what it would read. */
async function prepared(data: TrainingData) {
  const news: TrainingNews[] = []
  const wishes = { steps: 4, seed: 1, freezeEncoder: false, engine: defaultEngine }
  const training = await prepareTraining(data, wishes, (each) => news.push(each), signal)
  return { training, split: news.find((each) => each.kind === 'data')?.split }
}

test('what is painted on any page of a stack is learnt from, with the pixels of that page', async () => {
  const folder = temporaryFolder()
  const project = await createProject(join(folder, 'project'), { door: 'command line', name: 'Pages' })
  onTestFinished(() => {
    project.close()
  })
  new ProjectClasses(project).add('cell')
  const path = join(folder, 'film.tif')
  await writeStack(path, 6, 'uint16', pixelOf)
  const source = await openImage(path)
  await source.close()
  const [registered] = await registerImages(project, [{ path, info: source.info, labels: undefined }])
  const image = registered?.image.id ?? 0
  const labels = new LabelStore(project)
  for (const page of [0, 2, 5]) {
    const values = new Uint8Array(LABEL_TILE_SIZE ** 2).fill(UNLABELLED)
    for (let at = 0; at < side * side; at++)
      values[Math.floor(at / side) * LABEL_TILE_SIZE + (at % side)] = labelOf(page, at)
    labels.paint({ image, page }, { revision: 0, tiles: [{ column: 0, row: 0, values }] })
  }
  expect(checkPaintedLabels(project)).toMatchObject({
    labelledImages: 1,
    classes: [{ pixels: (10 + 12 + 15) * side }, { pixels: (31 + 29 + 26) * side, images: 1 }],
    findings: [{ code: 'one-image' }],
  })

  const { images, classNames } = await snapshotLabels(project, signal)
  const { training, split } = await prepared(
    await readPaintedData(images, classNames, () => undefined, signal),
  )
  expect(split).toContain('1 of 3 labelled pages')
  expect(split).toContain('also learnt from')
  const job = jobOfExperiment(project, await keepExperiment(project, training, {}, signal))
  expect(project.images.all()).toMatchObject([{ id: image, path, pages: 6 }])
  const used = [...job.training, ...job.validation]
  expect(used.map((each) => splitPage(each.path).page).sort()).toEqual([0, 2, 5])
  for (const each of used) {
    const { page } = splitPage(each.path)
    const opened = await openImage(each.path)
    const { samples } = await readPlane(opened, 0)
    await opened.close()
    expect([...samples]).toEqual(Array.from({ length: side * side }, (_, at) => pixelOf(page, at)))
    const { values } = await readLabelMap(each.labelPath, 'classes')
    expect([...values]).toEqual(Array.from({ length: side * side }, (_, at) => labelOf(page, at)))
  }
})

test('label files of stacks give labels of their pages, but for pages without any; others are named', async () => {
  const folder = temporaryFolder()
  const request = { imagesFolder: join(folder, 'images'), labelsFolder: join(folder, 'labels') }
  for (const [name, pages] of [
    ['a', 4],
    ['b', 3],
    ['short', 3],
  ] as const) {
    await writeStack(join(request.imagesFolder, `${name}.tif`), pages, 'uint16', pixelOf)
    await writeStack(
      join(request.labelsFolder, `${name}.tif`),
      name === 'short' ? 2 : pages,
      'uint8',
      (page, at) => (page === 1 ? UNLABELLED : labelOf(page, at)),
    )
  }
  const data = await readTrainingData(
    { ...request, labelValues: 'classes' },
    join(folder, 'made'),
    () => undefined,
  )
  expect(data.labelled.map(({ path }) => path.slice(request.imagesFolder.length + 1))).toEqual([
    'a.tif',
    'a.tif?page=3',
    'a.tif?page=4',
    'b.tif',
    'b.tif?page=3',
  ])
  expect(data.labelled.every(({ info }) => info.pages > 1)).toBe(true)
  expect(data.fingerprint.unreadable).toMatchObject([{ path: join(request.labelsFolder, 'short.tif') }])
})

test('stacks are held out whole where there are enough of them', () => {
  const files = ['a', 'b', 'c', 'd'].flatMap((name) =>
    [1, 2, 3].map((page) => ({
      path: `/${name}.tif${page === 1 ? '' : `?page=${page}`}`,
      classPixels: [50, 50],
      wish: 'automatic' as const,
    })),
  )
  const { training, validation, explanation } = splitStacks(files, 3)
  const stacksOf = (indexes: number[]) => new Set(indexes.map((index) => files[index]?.path.slice(0, 2)))
  expect(validation).toHaveLength(3)
  expect(training).toHaveLength(9)
  expect(stacksOf(validation).size).toBe(1)
  expect(stacksOf(training)).not.toContain([...stacksOf(validation)][0])
  expect(explanation).toContain('1 of 4 labelled images')
})
