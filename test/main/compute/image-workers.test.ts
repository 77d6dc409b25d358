import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ImageWorkers, type TaskOptions } from '../../../src/main/compute/image-workers.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const place = { page: 0, channel: 0, level: 0, column: 0, row: 0 }

function start(threads: number, patienceMilliseconds = 60_000) {
  const module = new URL('./failing-image-worker.ts', import.meta.url)
  const workers = new ImageWorkers({ module, threads, patienceMilliseconds })
  onTestFinished(() => workers.close())
  const read = (path: string, options: Partial<TaskOptions> = {}) =>
    workers.run('read tile', { path, place }, { urgency: 'tile', ...options })
  return { workers, read }
}

test.each([
  ['exit', 'image-reader-died', 'exit code 3'],
  ['throw', 'image-reader-died', 'Out of bounds'],
])(
  'a thread that a file brings down (%s) is replaced, and only its task fails',
  async (path, code, reason) => {
    const { read } = start(1)
    const failing = read(path)
    const waiting = read('image.tif')
    await expect(failing).rejects.toMatchObject({
      code,
      file: path,
      message: expect.stringContaining(reason) as string,
    })
    await expect(waiting).resolves.toMatchObject({ preliminary: false })
  },
)

test('a thread that shows no sign of life is replaced', async () => {
  const { read } = start(1, 2000)
  const hanging = read('hang')
  const waiting = read('image.tif')
  await expect(hanging).rejects.toMatchObject({ code: 'image-reader-stuck', file: 'hang' })
  await expect(waiting).resolves.toMatchObject({ preliminary: false })
})

test('tasks go by urgency, tiles and thumbnails the newest first; a cancelled one is dropped', async () => {
  const { read } = start(1)
  const order: string[] = []
  const dropped = new AbortController()
  const note = (name: string, options: Partial<TaskOptions>) =>
    read(name, options).then(
      () => order.push(name),
      (error: unknown) => order.push(`${name}: ${(error as { code: string }).code}`),
    )
  const all = [
    note('first', { urgency: 'tile' }),
    note('pyramid', { urgency: 'background' }),
    note('old thumbnail', { urgency: 'thumbnail' }),
    note('new thumbnail', { urgency: 'thumbnail' }),
    note('old tile', { urgency: 'tile' }),
    note('dropped tile', { urgency: 'tile', signal: dropped.signal }),
    note('new tile', { urgency: 'tile' }),
    note('details', { urgency: 'details' }),
  ]
  dropped.abort()
  await Promise.all(all)
  expect(order).toEqual([
    'dropped tile: cancelled',
    'first',
    'details',
    'new tile',
    'old tile',
    'new thumbnail',
    'old thumbnail',
    'pyramid',
  ])
  await expect(read('image.tif', { signal: dropped.signal })).rejects.toMatchObject({ code: 'cancelled' })
})

test('a file goes to the thread that has it open, work in the background to the other, leaving one free', async () => {
  const { read } = start(2)
  const gate = join(temporaryFolder(), 'gate')
  const slow = `until ${gate} is there`
  const first = read(slow, { urgency: 'background' })
  const second = read(slow, { urgency: 'background' })
  const tile = await read('image.tif')
  expect(await read('image.tif')).toEqual(tile)
  writeFileSync(gate, '')
  expect(await first).not.toEqual(tile)
  await second
  expect(await read('image.tif', { urgency: 'background' })).not.toEqual(tile)
})

test('closing ends what waits and what runs', async () => {
  const { workers, read } = start(1)
  const running = expect(read('until never is there')).rejects.toMatchObject({ code: 'cancelled' })
  const waiting = expect(read('image.tif')).rejects.toMatchObject({ code: 'cancelled' })
  await workers.close()
  await Promise.all([running, waiting])
})
