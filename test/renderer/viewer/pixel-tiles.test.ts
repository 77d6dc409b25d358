import { EventEmitter, once } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ImageDetails } from '../../../src/preload/contract/images.ts'
import { type PixelTile, type PixelTilePlace, PixelTiles } from '../../../src/renderer/viewer/pixel-tiles.ts'

const details: ImageDetails = {
  id: 4,
  path: '/images/colonies.tif',
  format: 'TIFF',
  width: 512 * 30,
  height: 512 * 10,
  channels: 1,
  pages: 1,
  zPlanes: 1,
  sampleType: 'uint32',
  bitsPerSample: 32,
  fingerprint: 'f',
  levels: 1,
  statistics: [],
}
/** Of a tile of 32-bit samples. */
const TILE_BYTES = 2 ** 20

/** Requests as the network sees them: answered when the test says so. */
interface Asked {
  address: string
  signal: AbortSignal
  answer: (response: Response) => void
}
let asked: Asked[]

beforeEach(() => {
  asked = []
  vi.stubGlobal('fetch', (address: string, { signal }: { signal: AbortSignal }) => {
    return new Promise<Response>((answer, refuse) => {
      signal.addEventListener('abort', () => refuse(signal.reason as Error))
      asked.push({ address, signal, answer })
    })
  })
})
afterEach(() => vi.unstubAllGlobals())

const place = (column: number, row = 0): PixelTilePlace => ({
  details,
  page: 0,
  channel: 0,
  level: 0,
  column,
  row,
})
const columnsAsked = (): string[] => asked.map(({ address }) => address.split('/')[6] as string)

function record(): {
  tiles: PixelTiles
  events: EventEmitter
  dropped: PixelTile[]
  failed: string[]
  answerAll: () => Promise<void>
} {
  const events = new EventEmitter()
  const dropped: PixelTile[] = []
  const failed: string[] = []
  const tiles = new PixelTiles({
    loaded: () => events.emit('loaded'),
    failed: ({ code }) => {
      failed.push(code)
      events.emit('failed')
    },
    dropped: (tile) => dropped.push(tile),
  })
  const answerAll = async (): Promise<void> => {
    for (let next = asked.shift(); next !== undefined; next = asked.shift()) {
      if (next.signal.aborted) continue
      const loaded = once(events, 'loaded')
      next.answer(new Response(new ArrayBuffer(TILE_BYTES)))
      await loaded
    }
  }
  return { tiles, events, dropped, failed, answerAll }
}

test('asks for the first first, a few at a time, and gives up what is not wanted any more', async () => {
  const { tiles, failed, answerAll } = record()
  tiles.want([5, 6, 7, 8, 9, 10].map((column) => place(column)))
  expect(columnsAsked()).toEqual(['5', '6', '7', '8'])
  tiles.want([20, 6].map((column) => place(column)))
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false, true, true, false])
  expect(columnsAsked().at(-1)).toBe('20')
  await answerAll()
  expect([tiles.has(place(6)), tiles.has(place(20)), tiles.has(place(7))]).toEqual([true, true, false])
  expect(failed).toEqual([])
})

test('keeps no more than its limit: the least used go first, what is wanted stays', async () => {
  const { tiles, dropped, answerAll } = record()
  const all = Array.from({ length: 140 }, (_, index) => place(index % 30, Math.floor(index / 30)))
  for (const each of all) {
    tiles.want([place(0), each])
    await answerAll()
  }
  const kept = all.filter((each) => tiles.has(each))
  expect(kept.length).toBe(128)
  expect(dropped.length).toBe(140 - 128)
  expect(tiles.has(place(0))).toBe(true)
  expect(kept.slice(1)).toEqual(all.slice(-127))
})

test('tells a problem once, in its own words, and asks again when told to', async () => {
  const { tiles, failed, events } = record()
  tiles.want([place(1), place(2)])
  for (const answer of [
    Response.json({ code: 'file-missing', message: 'It is gone.' }, { status: 409 }),
    new Response(new ArrayBuffer(12)),
  ]) {
    const told = once(events, 'failed')
    asked.shift()?.answer(answer)
    await told
  }
  tiles.want([place(1), place(2)])
  expect(failed).toEqual(['file-missing', 'pixels-unreachable'])
  expect(asked).toEqual([])
  tiles.retry()
  expect(columnsAsked()).toEqual(['1', '2'])
})

test('asks again for what was coarse, shows it until better pixels come, and then no more', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { tiles, events, dropped, answerAll } = record()
    tiles.want([place(1), place(2)])
    const loaded = once(events, 'loaded')
    asked
      .shift()
      ?.answer(new Response(new ArrayBuffer(TILE_BYTES), { headers: { 'cache-control': 'no-store' } }))
    await loaded
    await answerAll()
    const coarse = tiles.get(place(1))
    vi.advanceTimersByTime(1000)
    expect(columnsAsked()).toEqual(['1'])
    expect([tiles.get(place(1)), dropped]).toEqual([coarse, []])
    await answerAll()
    expect(dropped).toEqual([coarse])
    expect(tiles.get(place(1))).toMatchObject({ isPreliminary: false })
    vi.advanceTimersByTime(10_000)
    expect(asked).toEqual([])
  } finally {
    vi.useRealTimers()
  }
})
