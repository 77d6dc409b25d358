import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { safe } from '@orpc/client'
import h5wasm from 'h5wasm/node'
import { expect, onTestFinished, test } from 'vitest'
import type { Application } from '../../../src/main/application.ts'
import type { Client } from '../../../src/preload/contract/index.ts'
import type { ProjectEvent } from '../../../src/preload/contract/projects.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { LabelStore } from '../../../src/main/services/label-store.ts'
import { writePng } from '../labelled-images.ts'
import { connectByPort, startApplication } from './connections.ts'

async function openNewProject(): Promise<{ client: Client; application: Application; folder: string }> {
  const application = await startApplication()
  const { client, disconnect } = connectByPort(application)
  onTestFinished(() => {
    disconnect()
    application.closeProject()
  })
  const folder = join(temporaryFolder(), 'project')
  await client.projects.create({ folder, name: 'Test' })
  return { client, application, folder }
}

/** Every image has other pixels, and so another content. */
function writeImage(path: string, value: number): string {
  writePng(path, 8, new Uint16Array(64).fill(value))
  return path
}

async function last<Event extends { kind: string }>(
  events: AsyncIterable<Event>,
): Promise<Extract<Event, { kind: 'done' }>> {
  let event: Event | undefined
  for await (event of events);
  expect(event).toMatchObject({ kind: 'done' })
  return event as Extract<Event, { kind: 'done' }>
}

test('folders and files are added, label maps beside images left out, what cannot be read named with its reason', async () => {
  const { client } = await openNewProject()
  const data = temporaryFolder()
  const paths = ['a1.png', 'a2.png', 'a10.png', 'below/a1.png'].map((name, index) =>
    writeImage(join(data, name), index),
  )
  writeImage(join(data, 'a1_mask.png'), 100)
  const alone = writeImage(join(data, 'other_mask.png'), 101)
  const broken = join(data, 'broken.tif')
  writeFileSync(broken, 'not a TIFF')
  writeFileSync(join(data, 'notes.txt'), 'no image')

  expect(await last(await client.images.add({ paths: [data], subfolders: false, pattern: 'A?.*' }))).toEqual({
    kind: 'done',
    added: 2,
    known: 0,
    moved: 0,
    refused: 0,
    labelFiles: 0,
    further: [],
  })
  expect(await last(await client.images.add({ paths: [data, broken], subfolders: true }))).toEqual({
    kind: 'done',
    added: 3,
    known: 2,
    moved: 0,
    refused: 1,
    labelFiles: 1,
    further: [],
  })
  const { images, refused } = await client.images.list()
  expect(images.map(({ path }) => path).sort()).toEqual([...paths, alone].sort())
  expect(images[0]).toMatchObject({ width: 8, height: 8, sampleType: 'uint16', pages: 1, labelledPixels: 0 })
  expect(refused).toMatchObject([{ path: broken, problem: { code: 'not-an-image', file: broken } }])

  // Repaired, it is an image like others.
  writeImage(broken, 102)
  expect(await last(await client.images.add({ paths: [broken], subfolders: true }))).toMatchObject({
    added: 1,
  })
  expect((await client.images.list()).refused).toEqual([])

  const gone = await client.images.add({ paths: [join(data, 'gone')], subfolders: true })
  expect(await last(gone)).toMatchObject({ added: 0, refused: 1 })
  expect((await client.images.list()).refused).toMatchObject([{ problem: { code: 'file-unreadable' } }])
})

test('of a file that holds several images the others are offered, and become images of their own', async () => {
  const { client } = await openNewProject()
  await h5wasm.ready
  const path = join(temporaryFolder(), 'plate.h5')
  const file = new h5wasm.File(path, 'w')
  for (const [name, side] of [
    ['first', 9],
    ['second', 8],
    ['third', 7],
  ] as const) {
    file.create_dataset({ name, data: new Uint16Array(side * side).fill(side), shape: [side, side] })
  }
  file.close()
  const { added, further } = await last(await client.images.add({ paths: [path], subfolders: false }))
  expect(added).toBe(1)
  expect(further).toEqual([`${path}?image=%2Fsecond`, `${path}?image=%2Fthird`])
  expect(await last(await client.images.add({ paths: further, subfolders: false }))).toMatchObject({
    added: 2,
    further: [],
  })
  expect(await last(await client.images.add({ paths: [path, ...further], subfolders: false }))).toMatchObject(
    {
      added: 0,
      known: 3,
    },
  )
  const { images } = await client.images.list()
  expect(images.map(({ width }) => width)).toEqual([9, 8, 7])
})

test('frames are put together, their axes changed by a choice, and a choice that would lose labels is refused', async () => {
  const { client, application } = await openNewProject()
  const data = temporaryFolder()
  for (const [time, channel] of [
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 2],
  ] as const) {
    writeImage(join(data, `s1_t${time}_c${channel}.png`), 10 * time + channel)
  }
  writeImage(join(data, 'other.png'), 5)
  const found = await client.images.findFrames({ paths: [data], subfolders: true })
  expect(found).toEqual({
    frames: 's{field}_t{time}_c{channel}.png',
    stacks: 1,
    others: 1,
    incomplete: 0,
    example: { name: 's1_t{time}_c{channel}.png', times: 2, zPlanes: 1, channels: 2 },
  })
  const adding = { paths: [data], subfolders: true, frames: found.frames as string }
  expect(await last(await client.images.add(adding))).toMatchObject({ added: 2, known: 0, refused: 0 })
  expect(await last(await client.images.add(adding))).toMatchObject({ added: 0, known: 2 })
  const { images } = await client.images.list()
  const stack = images.find(({ pages }) => pages === 2)
  const id = stack?.id as number
  expect(stack).toMatchObject({ channels: 2, missing: false })
  expect(await client.images.findMissing()).toEqual({ missing: 0 })
  const details = await client.images.details({ id })
  expect(details).toMatchObject({
    zPlanes: 1,
    axes: [{ name: 't', size: 2 }, { name: 'c', size: 2 }, {}, {}],
  })
  expect(details.statistics).toHaveLength(2)

  await client.images.setReading({ id, axes: 'ctyx' })
  const turned = await client.images.details({ id })
  expect(turned).toMatchObject({ channels: 2, pages: 2, axes: [{ name: 'c' }, { name: 't' }, {}, {}] })
  expect(turned.statistics.map(({ minimum }) => minimum)).toEqual([11, 21])
  expect(turned.fingerprint).not.toBe(details.fingerprint)

  const { project } = application.requireOpened()
  const tile = { column: 0, row: 0, values: new Uint8Array(65_536).fill(255).fill(0, 0, 8) }
  new LabelStore(project).paint({ image: id, page: 1 }, { revision: 0, tiles: [tile] })
  // The same planes under another name: labels stay where they are.
  await client.images.setReading({ id, axes: 'czyx' })
  expect(await client.images.details({ id })).toMatchObject({ pages: 2, zPlanes: 2 })
  for (const axes of ['tcyx', 'zcyx', 'tyx', 'cyx']) {
    const [lost] = await safe(client.images.setReading({ id, axes }))
    expect(lost, axes).toMatchObject({ data: { code: 'labels-in-the-way' } })
  }
  expect((await client.images.details({ id })).pages).toBe(2)
  const [unfit] = await safe(client.images.setReading({ id, axes: 'yx' }))
  expect(unfit).toMatchObject({ data: { code: 'axes-do-not-fit' } })
})

test('moved images keep their labels: when added again, and when looked for', async () => {
  const { client, application } = await openNewProject()
  const data = temporaryFolder()
  const [a, b, c] = ['a.png', 'b.png', 'c.png'].map((name, index) => writeImage(join(data, name), index)) as [
    string,
    string,
    string,
  ]
  await last(await client.images.add({ paths: [data], subfolders: true }))
  const before = (await client.images.list()).images
  const moveTo = (path: string, to: string) => {
    mkdirSync(dirname(join(data, to)), { recursive: true })
    renameSync(path, join(data, to))
    return join(data, to)
  }
  const newA = moveTo(a, 'moved/a.png')
  expect(await client.images.findMissing()).toEqual({ missing: 1 })
  expect((await client.images.list()).images[0]).toMatchObject({ path: a, missing: true })
  expect(await last(await client.images.add({ paths: [data], subfolders: true }))).toMatchObject({
    added: 0,
    moved: 1,
    known: 2,
  })

  const elsewhere = temporaryFolder()
  renameSync(b, join(elsewhere, 'renamed.png'))
  renameSync(c, join(elsewhere, 'c.png'))
  writeFileSync(join(elsewhere, 'broken.tif'), 'x')
  const found = await last(await client.images.relocate({ folder: elsewhere }))
  expect(found).toEqual({ kind: 'done', found: 2, missing: 0 })
  expect(
    (await client.images.list()).images.map(({ id, path, missing }) => [id, path, missing]).sort(),
  ).toEqual([
    [before[0]?.id, newA, false],
    [before[1]?.id, join(elsewhere, 'renamed.png'), false],
    [before[2]?.id, join(elsewhere, 'c.png'), false],
  ])

  // Noticed without being asked, at the next opening.
  rmSync(newA)
  const { folder } = application.describeOpened()
  await client.projects.close()
  await client.projects.open({ folder })
  await expect
    .poll(async () => (await client.images.list()).images.filter(({ missing }) => missing))
    .toHaveLength(1)
})

test('2,000 images: progress, a grid that fills, and a cancelling that keeps what is added', async () => {
  const { client, application } = await openNewProject()
  const data = temporaryFolder()
  for (let index = 0; index < 2000; index++)
    writeImage(join(data, `plate_${index % 7}`, `field_${index}.png`), index)
  const cancelling = new AbortController()
  const adding = await client.images.add({ paths: [data], subfolders: true }, { signal: cancelling.signal })
  const first = await adding.next()
  expect(first.value).toMatchObject({
    kind: 'progress',
    label: expect.stringMatching(/^[\d,]+ of 2,000 images$/) as string,
  })
  cancelling.abort()
  await adding.next().catch(() => undefined)
  const kept = async () => (await client.images.list()).images.length
  await expect.poll(kept).toBeGreaterThan(0)
  const added = await kept()
  expect(added).toBeLessThan(2000)

  const stopping = new AbortController()
  const seen: ProjectEvent[] = []
  const listening = (async () => {
    for await (const event of application.events.subscribe('project', { signal: stopping.signal }))
      seen.push(event)
  })()
  const fractions: number[] = []
  for await (const event of await client.images.add({ paths: [data], subfolders: true })) {
    if (event.kind === 'progress') fractions.push(event.fraction)
    else expect(event).toMatchObject({ added: 2000 - event.known, refused: 0 })
  }
  expect(await kept()).toBe(2000)
  expect(fractions).toEqual([...fractions].sort((one, other) => one - other))
  expect(fractions.at(-1)).toBe(1)
  expect(seen).toContainEqual({ kind: 'images-changed' })
  stopping.abort()
  await listening.catch(() => undefined)
})

test('closing the project ends the adding, which says so', async () => {
  const { client } = await openNewProject()
  const data = temporaryFolder()
  for (let index = 0; index < 1000; index++) writeImage(join(data, `field_${index}.png`), index)
  const adding = await client.images.add({ paths: [data], subfolders: true })
  await adding.next()
  await client.projects.close()
  const [problem] = await safe(last(adding))
  expect(problem).toMatchObject({
    code: 'PROBLEM',
    data: { code: expect.stringMatching(/^(cancelled|project-closed)$/) as string },
  })
})

test('a file that was written anew is told, and named by its new content', async () => {
  const { client, application } = await openNewProject()
  const path = writeImage(join(temporaryFolder(), 'a.png'), 1)
  await last(await client.images.add({ paths: [path], subfolders: false }))
  const [before] = (await client.images.list()).images
  const id = before?.id as number
  writeImage(path, 2)
  const told = application.events.subscribe('project')
  const { fingerprint } = await client.images.details({ id })
  expect(fingerprint).not.toBe(before?.fingerprint)
  expect((await told.next()).value).toEqual({ kind: 'images-updated', ids: [id] })
  expect(await client.images.rows({ ids: [id] })).toEqual([{ ...before, fingerprint }])
})
