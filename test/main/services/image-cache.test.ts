import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { SegscopeError } from '../../../src/model/errors.ts'
import { ImageCache } from '../../../src/main/services/image-cache.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

function open(folder: string, limitBytes = 1e6) {
  const told: SegscopeError[] = []
  const cache = new ImageCache(
    () => ({ folder, limitBytes }),
    (problem) => told.push(problem),
  )
  return { cache, told }
}

/** As if it was used so long ago. */
async function age(cache: ImageCache, key: string, minutes: number): Promise<void> {
  const path = (await cache.find('thumbnails-1', key)) as string
  const then = Date.now() / 1000 - 60 * minutes
  utimesSync(path, then, then)
}

test('keeps files over restarts, counts them, and clears nothing but them', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'weights.safetensors'), 'not of the cache')
  const { cache } = open(folder)
  await cache.keep('thumbnails-1', 'sha256:../../escape', Uint8Array.of(1, 2, 3))
  expect(readdirSync(folder).toSorted()).toEqual(['segscope-image-cache', 'weights.safetensors'])
  const { cache: again } = open(folder)
  expect(await again.read('thumbnails-1', 'sha256:../../escape')).toEqual(Buffer.from([1, 2, 3]))
  expect(await again.read('thumbnails-1', 'sha256:another')).toBeUndefined()
  expect(await again.use()).toEqual({ folder, bytes: 3 })
  await again.clear()
  expect(await again.use()).toEqual({ folder, bytes: 0 })
  expect(readdirSync(folder)).toEqual(['weights.safetensors'])
})

test('beyond the limit the least recently used go first', async () => {
  const { cache } = open(temporaryFolder(), 1000)
  for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) {
    await cache.keep('thumbnails-1', key, new Uint8Array(240))
    await cache.settled()
    await age(cache, key, 40 - index)
  }
  // A look at the oldest makes it the newest.
  await cache.read('thumbnails-1', 'a')
  await cache.keep('thumbnails-1', 'e', new Uint8Array(240))
  await cache.settled()
  const left = []
  for (const key of ['a', 'b', 'c', 'd', 'e']) {
    if ((await cache.find('thumbnails-1', key)) !== undefined) left.push(key)
  }
  expect(left).toEqual(['a', 'd', 'e'])
  expect((await cache.use()).bytes).toBe(720)
})

test('an empty file, which a power cut leaves, counts as none', async () => {
  const { cache } = open(temporaryFolder())
  await cache.keep('thumbnails-1', 'a', Uint8Array.of(1))
  writeFileSync((await cache.find('thumbnails-1', 'a')) as string, '')
  expect(await cache.find('thumbnails-1', 'a')).toBeUndefined()
})

test('where nothing can be written work goes on, and this is told once', async () => {
  const blocked = join(temporaryFolder(), 'file')
  writeFileSync(blocked, '')
  const { cache, told } = open(blocked)
  await cache.keep('thumbnails-1', 'a', Uint8Array.of(1))
  await cache.keep('thumbnails-1', 'b', Uint8Array.of(1))
  expect(await cache.read('thumbnails-1', 'a')).toBeUndefined()
  expect(told.map(({ code }) => code)).toEqual(['cache-unusable'])
  expect(await cache.use()).toEqual({ folder: blocked, bytes: 0 })
})

test('what is larger than the cache is not made; what fails for other reasons is thrown', async () => {
  const folder = temporaryFolder()
  const { cache, told } = open(folder, 1000)
  const unmade = cache.make('pyramids-1', 'a', 5000, () => Promise.reject(new Error('not to be called')))
  expect(await unmade).toBe(false)
  expect(told.map(({ code }) => code)).toEqual(['cache-too-small'])
  await expect(
    cache.make('pyramids-1', 'a', 10, () => Promise.reject(new Error('damaged image'))),
  ).rejects.toThrow('damaged image')
})

test('files under way are left alone, those of killed processes go', async () => {
  const folder = temporaryFolder()
  const { cache } = open(folder, 100)
  const shard = join(folder, 'segscope-image-cache', 'pyramids-1', 'ab')
  mkdirSync(shard, { recursive: true })
  writeFileSync(join(shard, '.under-way.partial'), new Uint8Array(400))
  writeFileSync(join(shard, '.left-behind.partial'), new Uint8Array(400))
  utimesSync(join(shard, '.left-behind.partial'), 1, 1)
  await cache.keep('thumbnails-1', 'a', new Uint8Array(50))
  await cache.settled()
  expect(readdirSync(shard)).toEqual(['.under-way.partial'])
  expect(statSync((await cache.find('thumbnails-1', 'a')) as string).size).toBe(50)
})
