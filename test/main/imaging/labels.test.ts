import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { encode } from 'fast-png'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guessLabelValues, interpretValues } from '../../../src/main/imaging/guess-label-values.ts'
import { listImages } from '../../../src/main/imaging/list-images.ts'
import { pairImagesWithLabels } from '../../../src/main/imaging/pair-labels.ts'
import { readLabelMap } from '../../../src/main/imaging/read-label-map.ts'
import { sharedFolder } from '../../shared.ts'
import { buildTiff } from './tiff-builder.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segscope-labels-'))
})

afterAll(() => rm(folder, { recursive: true }))

const shared = (path: string) => join(sharedFolder as string, 'data', path)

describe('what label values mean', () => {
  // prettier-ignore
  test.each<[string, [number, number][], string, number]>([
    ['0/1 masks', [[0, 900], [1, 100]], 'classes', 2],
    ['0/255 masks', [[0, 900], [255, 100]], 'binary', 2],
    ['classes with 255 for not labelled', [[0, 5], [1, 5], [255, 990]], 'classes', 2],
    ['dense classes', [[0, 600], [1, 300], [2, 100]], 'classes', 3],
    ['every pixel labelled, counted from 1', [[1, 600], [2, 300], [3, 100]], 'zero-unlabelled', 3],
    ['nearly every pixel labelled, counted from 1', [[0, 2], [1, 700], [2, 298]], 'zero-unlabelled', 2],
    ['numbered objects', Array.from({ length: 41 }, (_, value) => [value, 100]), 'binary', 2],
  ])('%s', (_case, counts, labelValues, classCount) => {
    expect(interpretValues(new Map(counts))).toMatchObject({ labelValues, classCount })
  })

  // prettier-ignore
  test.each<[string, [number, number][], RegExp]>([
    ['few pixels of 1 and 2: strokes, or rare objects', [[0, 970], [1, 20], [2, 10]], /classes.*zero-unlabelled/s],
    ['a single value', [[0, 100]], /classes.*binary.*zero-unlabelled/s],
    ['grey levels', [[0, 50], [128, 10], [255, 40]], /binary/],
  ])('is asked for: %s', (_case, counts, remedy) => {
    expect(() => interpretValues(new Map(counts))).toThrow(
      expect.objectContaining({ code: 'label-values-ambiguous', remedy: expect.stringMatching(remedy) as string }),
    )
  })

  test.skipIf(sharedFolder === undefined)('real folders: numbered nuclei and their masks', async () => {
    const files = await listImages(shared('bitdepth_nuclei_16bit/masks'))
    const labels = files.filter((file) => file.endsWith('_labels.tif'))
    const masks = files.filter((file) => file.endsWith('_binary.png'))
    expect(await guessLabelValues(labels)).toMatchObject({ labelValues: 'binary', classCount: 2 })
    expect(await guessLabelValues(masks)).toMatchObject({ labelValues: 'binary', classCount: 2 })
    // The data set's description: binary == (labels > 0), verified for all fields.
    const [numbers] = labels as [string]
    const fromNumbers = await readLabelMap(numbers, 'binary')
    const fromMask = await readLabelMap(numbers.replace('_labels.tif', '_binary.png'), 'binary')
    expect(Buffer.compare(fromNumbers.values, fromMask.values)).toBe(0)
  })
})

describe('label maps', () => {
  async function write(name: string, values: number[], channels: 1 | 3 | 4 = 1): Promise<string> {
    const path = join(folder, name)
    const data = Uint8Array.from(values)
    await writeFile(path, encode({ width: values.length / channels, height: 1, channels, data }))
    return path
  }

  test('values become classes', async () => {
    const path = await write('values.png', [0, 1, 2, 255])
    expect([...(await readLabelMap(path, 'classes')).values]).toEqual([0, 1, 2, 255])
    expect([...(await readLabelMap(path, 'binary')).values]).toEqual([0, 1, 1, 1])
    expect([...(await readLabelMap(path, 'zero-unlabelled')).values]).toEqual([255, 0, 1, 254])
    await expect(readLabelMap(path, 'zero-unlabelled', 2)).rejects.toMatchObject({
      code: 'label-value-unknown',
      message: expect.stringContaining('255 at (3, 0)') as string,
    })
    await expect(readLabelMap(path, 'classes', 2)).rejects.toMatchObject({
      code: 'label-value-unknown',
      file: path,
    })
  })

  test('colours are read where the channels are equal, and refused where not', async () => {
    const grey = await write('grey.png', [0, 0, 0, 255, 1, 1, 1, 255], 4)
    expect([...(await readLabelMap(grey, 'classes')).values]).toEqual([0, 1])
    const colour = await write('colour.png', [0, 0, 0, 255, 0, 0], 3)
    await expect(readLabelMap(colour, 'classes')).rejects.toMatchObject({
      code: 'label-colours',
      file: colour,
    })
  })

  test('floating-point images are label maps where all values are whole', async () => {
    const float = async (values: number[]) => {
      const path = join(folder, 'float.tif')
      const chunk = new Uint8Array(Float32Array.from(values).buffer)
      const page = { width: values.length, height: 1, chunks: [chunk] }
      await writeFile(path, buildTiff([{ ...page, tags: { 258: [3, [32]], 339: [3, [3]] } }]))
      return path
    }
    expect([...(await readLabelMap(await float([0, 2, 255]), 'classes')).values]).toEqual([0, 2, 255])
    await expect(readLabelMap(await float([0, 0.5]), 'classes')).rejects.toMatchObject({
      code: 'label-not-integer',
    })
    await expect(readLabelMap(await float([0, -1]), 'classes')).rejects.toMatchObject({
      code: 'label-value-unknown',
    })
    await expect(readLabelMap(await float([0, 300]), 'zero-unlabelled')).rejects.toMatchObject({
      code: 'label-value-unknown',
    })
  })
})

describe('finding images and their label maps', () => {
  async function makeFiles(root: string, names: string[]): Promise<string> {
    for (const name of names) {
      await mkdir(dirname(join(folder, root, name)), { recursive: true })
      await writeFile(join(folder, root, name), '')
    }
    return join(folder, root)
  }

  async function pair(imagesFolder: string, labelsFolder: string, suffix?: string) {
    const pairs = await pairImagesWithLabels(
      await listImages(imagesFolder),
      imagesFolder,
      labelsFolder,
      suffix,
    )
    return pairs.map(({ image, label }) => [
      relative(imagesFolder, image),
      label === undefined ? undefined : relative(labelsFolder, label),
    ])
  }

  test('images in natural order, with sub-folders, without hidden and other files', async () => {
    const names = ['t10.tif', 't2.TIF', 'b/t1.jpeg', '.t3.tif', '._t2.tif', '.cache/t4.png', 'notes.txt']
    const root = await makeFiles('list', names)
    expect((await listImages(root)).map((file) => relative(root, file))).toEqual([
      'b/t1.jpeg',
      't2.TIF',
      't10.tif',
    ])
    await expect(listImages(join(root, 'absent'))).rejects.toMatchObject({ code: 'folder-unreadable' })
  })

  test('the same name in another folder, with another extension', async () => {
    const images = await makeFiles('same/images', ['a/1.tif', 'a/2.tif', 'b/1.tif'])
    const labels = await makeFiles('same/labels', ['a/1.png', 'b/1.tif'])
    expect(await pair(images, labels)).toEqual([
      ['a/1.tif', 'a/1.png'],
      ['a/2.tif', undefined],
      ['b/1.tif', 'b/1.tif'],
    ])
  })

  test('a common suffix is found, also in the same folder, whose label maps are no images', async () => {
    const both = await makeFiles('both', ['1.tif', '1_mask.png', '2.tif', '10_mask.tif'])
    expect(await pair(both, both)).toEqual([
      ['1.tif', '1_mask.png'],
      ['2.tif', undefined],
      ['10_mask.tif', undefined],
    ])
  })

  test('several suffixes, several files and no label map are asked about', async () => {
    const images = await makeFiles('ask/images', ['1.tif'])
    const labels = await makeFiles('ask/labels', ['1_labels.tif', '1_binary.png', '1_seg.tif', '1_seg.png'])
    const none = await makeFiles('ask/none', ['2.tif'])
    await expect(pair(images, labels)).rejects.toMatchObject({ code: 'label-suffix-ambiguous' })
    expect(await pair(images, labels, '_binary')).toEqual([['1.tif', '1_binary.png']])
    await expect(pair(images, labels, '_seg')).rejects.toMatchObject({ code: 'label-ambiguous' })
    await expect(pair(images, labels, '_outline')).rejects.toMatchObject({ code: 'labels-not-found' })
    await expect(pair(images, none)).rejects.toMatchObject({ code: 'labels-not-found' })
  })

  test.skipIf(sharedFolder === undefined)('a real folder with three kinds of label maps', async () => {
    const [images, labels] = [shared('usiigaci_phase_16bit/images'), shared('usiigaci_phase_16bit/masks')]
    const pairs = await pair(images, labels, '_instances')
    expect(pairs).toHaveLength(9)
    expect(pairs[0]).toEqual(['set18.tif', 'set18_instances.png'])
  })
})
