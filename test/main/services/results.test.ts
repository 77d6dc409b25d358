import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { safe } from '@orpc/client'
import { decode } from 'fast-png'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import type { Application } from '../../../src/main/application.ts'
import { TiffWriter } from '../../../src/main/imaging/tiff-writer.ts'
import { answerRequest } from '../../../src/main/pixels/answer-request.ts'
import { networkClasses } from '../../../src/main/services/network-classes.ts'
import { readPlaneLabels } from '../../../src/main/services/plane-labels.ts'
import { writeExtras } from '../../../src/main/services/segmentation-extras.ts'
import { measureObjects } from '../../../src/model/prediction/measurements.ts'
import { resultThumbnailAddress, resultTilesAddress } from '../../../src/preload/contract/addresses.ts'
import type { Client } from '../../../src/preload/contract/index.ts'
import type { Job } from '../../../src/preload/contract/jobs.ts'
import { decodeLabelTiles } from '../../../src/preload/contract/label-tiles.ts'
import type { Verdict } from '../../../src/preload/contract/results.ts'
import { smallNetwork, writeRandomCheckpoint } from '../../endurance/random-checkpoint.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { writeLabelledImages, writePng } from '../labelled-images.ts'
import { connectByPort, startApplication } from '../procedures/connections.ts'

const SIDE = 64

interface Segmented {
  application: Application
  client: Client
  folder: string
  outFolder: string
  request: Parameters<Client['segmentation']['start']>[0]
  /** Runs it (again) to its end. */
  segment: (change?: { overwrite?: boolean; checkpoint?: string }) => Promise<Job>
}

/** A project of three images with two classes, segmented by a checkpoint of three that has learnt nothing. */
async function segmentedProject(): Promise<Segmented> {
  const application = await startApplication()
  const { client, disconnect } = connectByPort(application)
  onTestFinished(async () => {
    application.closeProject()
    disconnect()
    await application.imageWorkers.close()
  })
  const folder = temporaryFolder()
  const { images, labels } = writeLabelledImages(folder, { names: ['a', 'b', 'c'], side: SIDE })
  await client.projects.create({ folder: join(folder, 'project'), name: 'Discs' })
  await client.classes.add({ name: 'disc' })
  await client.classes.add({ name: 'colony' })
  for await (const _ of await client.images.add({ paths: [images], subfolders: true }));
  const mapping = [0, 1, 2].map((value) => ({ stored: value, value }))
  const events = await client.labels.import({ folder: labels, values: 'classes', mapping, replace: false })
  for await (const _ of events);
  const file = join(folder, 'random.safetensors')
  await writeRandomCheckpoint(file, { ...smallNetwork, classes: 5 })
  const { id } = await client.checkpoints.import({ file })
  const outFolder = join(folder, 'masks')
  const request = {
    what: { kind: 'project' },
    checkpoint: id,
    outFolder,
    probabilities: false,
    overlays: false,
    measurements: false,
    flips: false,
    overwrite: false,
  } as const
  const segment: Segmented['segment'] = async (change) => {
    const { job } = await client.segmentation.start({ ...request, ...change })
    for await (const jobs of await client.jobs.watch()) {
      const found = jobs.find((each) => each.id === job)
      if (found?.state === 'finished') return found
      if (found?.state === 'failed') throw new Error(JSON.stringify(found.problem))
    }
    throw new Error('The list of jobs ended.')
  }
  return { application, client, folder, outFolder, request, segment }
}

async function lastOf<Event>(events: AsyncIterable<Event>): Promise<Event | undefined> {
  let last: Event | undefined
  for await (const event of events) last = event
  return last
}

/** Puts these classes into a label map's place. */
async function writeMap(path: string, values: Uint8Array): Promise<void> {
  const writer = await TiffWriter.create(path, {
    width: SIDE,
    height: SIDE,
    sampleType: 'uint8',
    channels: 1,
    frames: 1,
    pixelSize: undefined,
    displayRange: [0, 255],
  })
  await writer.writeRows(values)
  await writer.finish()
}

test('a segmentation is remembered with its images, and judged until it is made anew', async () => {
  const { client, folder, outFolder, request, segment } = await segmentedProject()
  const { files } = await segment()
  const [result, ...others] = await client.results.list()
  expect(others).toEqual([])
  expect(result).toMatchObject({
    id: files?.result,
    state: 'finished',
    request,
    total: 3,
    unseen: 3,
    // By name; what has no namesake takes the class at its place, unless that is another's.
    classes: [
      { name: 'background', value: 0 },
      { name: 'colony', value: 2 },
      { name: 'debris', value: null },
      { name: 'rim', value: null },
      { name: 'bubble', value: null },
    ],
  })
  const images = await client.results.images({ result: result?.id ?? 0 })
  expect(images.map(({ image, labels }) => ({ image, labels }))).toEqual(
    ['a', 'b', 'c'].map((name, index) => ({ image: index + 1, labels: join(outFolder, `${name}.tif`) })),
  )
  const [first, second] = images.map(({ id }) => id) as [number, number]
  await client.results.setVerdict({ ids: [first], verdict: 'accepted' })
  await client.results.setVerdict({ ids: [second], verdict: 'rejected' })
  expect(await client.results.list()).toMatchObject([{ unseen: 1, accepted: 1, rejected: 1 }])

  // What is as it was keeps its verdict; what is changed on disk is made anew, and unseen.
  writeFileSync(join(outFolder, 'b.tif'), 'something else')
  await segment({ overwrite: true })
  expect(await client.results.list()).toMatchObject([
    { state: 'finished', unseen: 2, accepted: 1, rejected: 0 },
  ])

  // Images of another folder give the results longer names: each image still has one.
  const elsewhere = writeLabelledImages(join(folder, 'more'), { names: ['d'], side: SIDE })
  for await (const _ of await client.images.add({ paths: [elsewhere.images], subfolders: true }));
  await segment()
  const renamed = await client.results.images({ result: result?.id ?? 0 })
  expect(renamed.map(({ labels }) => relative(outFolder, labels)).sort()).toEqual(
    ['a', 'b', 'c'].map((name) => join('images', `${name}.tif`)).concat(join('more', 'images', 'd.tif')),
  )

  await client.images.remove({ ids: [3] })
  expect(await client.results.images({ result: result?.id ?? 0 })).toMatchObject([
    { image: 1 },
    { image: 2 },
    { image: null },
    { image: 4 },
  ])
  await client.results.forget({ result: result?.id ?? 0 })
  expect(await client.results.list()).toEqual([])
  expect(readFileSync(join(outFolder, 'a.tif')).length).toBeGreaterThan(0)
})

test('a segmentation that the closing project cut off is known as such, and goes on', async () => {
  const { client, folder, request, segment } = await segmentedProject()
  await client.segmentation.start(request)
  await client.projects.close()
  await client.projects.open({ folder: join(folder, 'project') })
  const [cut] = await client.results.list()
  expect(cut).toMatchObject({ state: 'interrupted', total: 3, request })
  await segment()
  expect(await client.results.list()).toMatchObject([{ id: cut?.id, state: 'finished', unseen: 3 }])
})

test('the objects of all images become the table of the command line, and a summary', async () => {
  const { client, folder, outFolder, segment } = await segmentedProject()
  await segment()
  const [result] = await client.results.list()
  if (result === undefined) throw new Error('There is no result.')
  const filter = { smallest: 0, withoutEdge: false }
  const tables = {
    ...{ result: result.id, splitting: [], filter, folder: outFolder, replace: false },
    verdicts: ['unseen', 'accepted'] as Verdict[],
  }
  const written = await lastOf(await client.results.saveTables(tables))
  await writeExtras(
    {
      images: ['a', 'b', 'c'].map((name) => join(folder, 'images', `${name}.png`)),
      imagesFolder: join(folder, 'images'),
      ...{ outFolder, probabilities: false, overlays: false, measurements: true, overwrite: false },
      formats: [],
      classes: networkClasses(5, ['ground', 'colony', 'debris', 'rim', 'bubble']),
      splitting: new Map(),
    },
    { onProgress: () => undefined, onFailed: ({ error }) => expect(error).toBeUndefined() },
    new AbortController().signal,
  )
  const table = readFileSync(join(outFolder, 'objects.csv'), 'utf8')
  expect(table).toBe(readFileSync(join(outFolder, 'measurements.csv'), 'utf8'))
  const cells = table.trim().split('\r\n').slice(1)
  expect(written).toMatchObject({ kind: 'done', images: 3, objects: cells.length, failed: [] })
  const colonies = cells
    .map((line) => line.split(','))
    .filter(([image, , , value]) => `${image} ${value}` === 'b.png 1')
  const total = colonies.reduce((sum, line) => sum + Number(line[5]), 0)
  const summary = readFileSync(join(outFolder, 'summary.csv'), 'utf8').trim().split('\r\n')
  expect(summary[0]).toMatch(
    /^image,page,verdict,colony_count,colony_total_area_px,colony_total_area_um2,colony_mean_area_px,/,
  )
  const [image, page, verdict, objectCount, area, , mean] = summary[2]?.split(',') ?? []
  expect([image, page, verdict, Number(objectCount), Number(area)]).toEqual([
    'b.png',
    '1',
    'unseen',
    colonies.length,
    total,
  ])
  expect(Number(mean)).toBeCloseTo(total / colonies.length, 3)
  expect((await safe(client.results.saveTables(tables).then(lastOf)))[0]).toMatchObject({
    data: { code: 'file-exists' },
  })
  // Of what is filtered out, the numbers stay free.
  const large = { smallest: 20, withoutEdge: true }
  await lastOf(await client.results.saveTables({ ...tables, filter: large, replace: true }))
  const kept = cells.filter((line) => Number(line.split(',')[5]) >= 20 && line.split(',')[19] === 'no')
  expect(readFileSync(join(outFolder, 'objects.csv'), 'utf8').trim().split('\r\n').slice(1)).toEqual(kept)
  expect(readdirSync(outFolder).filter((name) => name.startsWith('.segscope-'))).toEqual([])
})

test('outlines of Segscope’s own network are told from its objects, and stand for the same class', async () => {
  const { client, folder, segment } = await segmentedProject()
  const { id: checkpoint } = await client.checkpoints.addStartingNetwork()
  expect((await client.checkpoints.addStartingNetwork()).id).toBe(checkpoint)
  await segment({ checkpoint })
  const [result] = await client.results.list()
  expect(result?.classes).toMatchObject([
    { name: 'background', value: 0 },
    { name: 'disc', value: 1 },
    { name: 'disc (outline)', value: 1 },
  ])
  // What is labelled as a disc is compared with objects.
  const [a] = await client.results.images({ result: result?.id ?? 0 })
  const { data: truth } = decode(readFileSync(join(folder, 'labels', 'a.png')))
  await writeMap(
    a?.labels ?? '',
    Uint8Array.from(truth, (label) => (label === 1 ? 1 : 0)),
  )
  const { classes } = await client.results.agreement({
    result: result?.id ?? 0,
    id: a?.id ?? 0,
    splitting: [],
  })
  expect(classes).toMatchObject([{ dice: 1 }, { name: 'object', dice: 1 }, { dice: null }])
})

test('objects, agreement and labels follow from the label map as it is', async () => {
  const { application, client, folder, outFolder, segment } = await segmentedProject()
  await segment()
  const [result] = await client.results.list()
  const [a] = await client.results.images({ result: result?.id ?? 0 })
  if (result === undefined || a === undefined) throw new Error('There is no result.')
  const place = { id: a.id, page: 0 }
  const splitting: { classIndex: number; waist: number }[] = []
  // The result is right about the colonies (2 in the labels, 1 in the network) and finds nothing else.
  const { data: truth } = decode(readFileSync(join(folder, 'labels', 'a.png')))
  const values = Uint8Array.from(truth, (label) => (label === 2 ? 1 : 0))
  await writeMap(a.labels, values)

  const { data: samples } = decode(readFileSync(join(folder, 'images', 'a.png')))
  const size = { width: SIDE, height: SIDE }
  const measured = measureObjects(
    { ...size, values },
    { ...size, channels: 1, samples: samples as Uint16Array },
  )
  const { objects } = await client.results.objects({ ...place, splitting })
  expect(objects.map(({ number, area, centroid, box }) => ({ number, area, centroid, box }))).toEqual(
    measured.map(({ area, centroid, boundingBox }, index) => ({
      number: index + 1,
      area,
      centroid,
      box: boundingBox,
    })),
  )
  expect(objects[0]?.intensities[0]?.mean).toBe(measured[0]?.intensities[0]?.mean)

  const agreement = await client.results.agreement({ result: result.id, id: a.id, splitting })
  // Discs are labelled, and the network has no class for them: they cannot be compared.
  const ground = truth.filter((label) => label === 0).length
  const colony = truth.filter((label) => label === 2).length
  expect(agreement.matrix.flat().filter((count) => count > 0)).toEqual([ground, colony])
  expect(agreement.classes.slice(0, 3)).toEqual([
    { name: 'ground', dice: 1, iou: 1, objectF1: null },
    { name: 'colony', dice: 1, iou: 1, objectF1: null },
    { name: 'debris', dice: null, iou: null, objectF1: null },
  ])
  expect(agreement).toMatchObject({ compared: 1, whole: 0 })

  const address = resultTilesAddress(place, 0, { columns: [0, 0], rows: [0, 0] }, a.segmented)
  const response = await answerRequest(application, new Request(new URL(address, 'http://page')))
  const { tiles } = decodeLabelTiles(new Uint8Array(await (response as Response).arrayBuffer()))
  expect([...(tiles[0]?.values.subarray(0, SIDE) ?? [])]).toEqual([...values.subarray(0, SIDE)])
  expect(tiles[0]?.values[SIDE]).toBe(255)

  // The picture in the grid is of the map as it is now, in the project's colours.
  const alphaAt = async (): Promise<(x: number, y: number) => number> => {
    const request = new Request(new URL(resultThumbnailAddress(a.id, a.segmented), 'http://page'))
    const picture = await ((await answerRequest(application, request)) as Response).arrayBuffer()
    const { data } = await sharp(picture).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
    return (x, y) => data[4 * (y * SIDE + x) + 3] as number
  }
  const inside = values.indexOf(1)
  const [x, y] = [inside % SIDE, Math.floor(inside / SIDE)]
  expect((await alphaAt())(x, y)).toBeGreaterThan(60)
  await writeMap(a.labels, new Uint8Array(SIDE * SIDE))
  expect((await alphaAt())(x, y)).toBe(0)
  await writeMap(a.labels, values)

  const csv = join(outFolder, 'a_objects.csv')
  const table = { ...place, splitting, numbers: [2, 1], file: csv, replace: false }
  await client.results.exportObjects(table)
  const lines = readFileSync(csv, 'utf8').trim().split('\r\n')
  expect(lines.map((line) => line.split(',').slice(0, 5).join())).toEqual([
    'image,page,object,class,class_name',
    'a.png,1,2,1,colony',
    'a.png,1,1,1,colony',
  ])
  expect((await safe(client.results.exportObjects(table)))[0]).toMatchObject({
    data: { code: 'file-exists' },
  })

  // Everything is labelled: nothing is filled; replacing takes one object alone, as one stroke.
  const full = { ...place, replace: false }
  expect((await safe(client.results.toLabels(full)))[0]).toMatchObject({ data: { code: 'nothing-to-copy' } })
  const { project } = application.requireOpened()
  const plane = { image: 1, page: 0 }
  await client.labels.undo(plane)
  expect(readPlaneLabels(project, plane).values.every((value) => value === 255)).toBe(true)
  const [object] = objects
  if (object === undefined) throw new Error('There is no object.')
  const { classIndex, first, box } = object
  const change = await client.results.toLabels({ ...full, object: { classIndex, first, box } })
  expect(change).toMatchObject({ pixels: [{ value: 2, pixels: object.area }], undo: 1, tiles: [[0, 0]] })
  await client.results.toLabels({ ...full, classes: [0] })
  expect((await client.labels.state(plane)).pixels).toEqual([
    { value: 0, pixels: values.filter((value) => value === 0).length },
    { value: 2, pixels: object.area },
  ])
  await client.results.toLabels(full)
  expect(await client.results.agreement({ result: result.id, id: a.id, splitting })).toMatchObject({
    compared: 1,
    whole: 1,
  })
  expect((await client.results.agreement({ result: result.id, id: a.id, splitting })).classes[1]).toEqual({
    name: 'colony',
    dice: 1,
    iou: 1,
    objectF1: 1,
  })

  // Two discs that touch are one object, or two where it is split: each can be pointed at, and copied alone.
  const touching = values.map((_, at) => {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)]
    return Math.hypot(x - 20, y - 30) < 9 || Math.hypot(x - 36, y - 30) < 9 ? 1 : 0
  })
  await writeMap(a.labels, touching)
  const split = [{ classIndex: 1, waist: 0.75 }]
  const [whole, ...none] = (await client.results.objects({ ...place, splitting: [] })).objects
  expect(none).toEqual([])
  const {
    objects: parts,
    splitLines,
    tooLarge,
  } = await client.results.objects({ ...place, splitting: split })
  expect(parts.map(({ area }) => area).reduce((sum, area) => sum + area)).toBe(whole?.area)
  expect(parts.map(({ splitFrom, centroid }) => [splitFrom, Math.round(centroid.x)])).toEqual([
    [whole?.box, 20],
    [whole?.box, 36],
  ])
  expect([splitLines.length > 10, tooLarge]).toEqual([true, 0])
  const component = { box: whole?.box as (typeof parts)[number]['box'], waist: 0.75 }
  const pointed = { ...place, classIndex: 1, at: { x: 36, y: 25 }, components: [component] }
  expect(await client.results.objectAt(pointed)).toEqual(parts[1]?.first)
  expect(await client.results.objectAt({ ...pointed, at: { x: 60, y: 60 } })).toBeNull()
  const copied = await client.results.toLabels({
    ...place,
    replace: true,
    object: { classIndex: 1, first: parts[1]?.first as { x: number; y: number }, ...component },
  })
  const before = readPlaneLabels(project, plane).values
  expect(copied.tiles).toEqual([[0, 0]])
  expect(before[25 * SIDE + 36]).toBe(2)
  // Masks in a folder number the two: joined, they are more than half the one on the left alone; split, both are found.
  const masks = join(folder, 'masks-by-hand')
  mkdirSync(masks)
  const numbers = touching.map((value, at) => (value === 0 ? 0 : at % SIDE < 28 ? 1 : 2))
  writePng(join(masks, 'a_masks.png'), SIDE, numbers)
  writePng(join(masks, 'b_masks.png'), SIDE / 2, new Uint8Array((SIDE / 2) ** 2))
  const byHand = { folder: masks, values: 'binary' as const }
  const joined = await client.results.agreement({ result: result.id, splitting: [], truth: byHand })
  expect(joined).toMatchObject({ compared: 1, whole: 1, numbered: 1 })
  expect(joined.failed.map(({ file, problem }) => [file, problem.code])).toEqual([
    [join(masks, 'b_masks.png'), 'label-size-differs'],
  ])
  expect(joined.classes[1]).toEqual({ name: 'colony', dice: 1, iou: 1, objectF1: 2 / 3 })
  const apart = await client.results.agreement({
    result: result.id,
    id: a.id,
    splitting: split,
    truth: byHand,
  })
  expect([apart.classes[1]?.objectF1, apart.failed]).toEqual([1, []])
  await client.results.setSplitting({ result: result.id, splitting: split })
  expect((await client.results.list())[0]?.request.splitting).toEqual(split)
})
