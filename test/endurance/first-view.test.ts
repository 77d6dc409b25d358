import { fork } from 'node:child_process'
import { open } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import h5wasm from 'h5wasm/node'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../temporary-folder.ts'
import type { FirstView } from './measure-first-view.ts'
import { choose } from './size.ts'

const SIDE = 2048
const PLANE_BYTES = SIDE * SIDE * 2
const PAGES = choose({ small: 60, full: 3600 })
const MEGABYTE = 2 ** 20

/** A BigTIFF of uncompressed 16-bit pages, each with its directory behind its pixels; of each only the first row is written: the file is sparse. */
async function writeStack(path: string): Promise<void> {
  const file = await open(path, 'w')
  const header = Buffer.alloc(16)
  header.write('II')
  header.writeUInt16LE(43, 2)
  header.writeUInt16LE(8, 4)
  header.writeBigUInt64LE(BigInt(16 + PLANE_BYTES), 8)
  await file.write(header, 0, 16, 0)
  const directoryBytes = 8 + 8 * 20 + 8
  for (let page = 0; page < PAGES; page++) {
    const pixels = 16 + page * (PLANE_BYTES + directoryBytes)
    const tags: [tag: number, value: number][] = [
      [256, SIDE],
      [257, SIDE],
      [258, 16],
      [259, 1],
      [262, 1],
      [273, pixels],
      [278, SIDE],
      [279, PLANE_BYTES],
    ]
    const directory = Buffer.alloc(directoryBytes)
    directory.writeBigUInt64LE(BigInt(tags.length))
    tags.forEach(([tag, value], index) => {
      directory.writeUInt16LE(tag, 8 + index * 20)
      directory.writeUInt16LE(16, 10 + index * 20)
      directory.writeBigUInt64LE(1n, 12 + index * 20)
      directory.writeBigUInt64LE(BigInt(value), 20 + index * 20)
    })
    const next = page === PAGES - 1 ? 0 : pixels + PLANE_BYTES + directoryBytes + PLANE_BYTES
    directory.writeBigUInt64LE(BigInt(next), directoryBytes - 8)
    await file.write(directory, 0, directoryBytes, pixels + PLANE_BYTES)
    await file.write(new Uint8Array(2 * SIDE).fill(page % 256), 0, 2 * SIDE, pixels)
  }
  await file.close()
}

/** A data set of 10 GB in chunks of a plane each, of which the first and the last are written. */
async function writeHdf5(path: string): Promise<void> {
  const times = 1250
  await h5wasm.ready
  const file = new h5wasm.File(path, 'w')
  const plane = new Uint16Array(SIDE * SIDE).fill(7)
  file.create_dataset({
    ...{ name: 'data', data: plane, shape: [1, SIDE, SIDE], chunks: [1, SIDE, SIDE] },
    maxshape: [times, SIDE, SIDE],
  })
  const set = file.get('data') as InstanceType<typeof h5wasm.Dataset>
  set.resize([times, SIDE, SIDE])
  set.write_slice([[times - 1, times]], plane.fill(9))
  file.close()
}

function measure(path: string, page: number): Promise<FirstView> {
  return new Promise((settle, fail) => {
    const child = fork(resolve(import.meta.dirname, 'measure-first-view.ts'), [path, String(page)], {
      execArgv: [],
    })
    child.once('message', (view: FirstView) => settle(view))
    child.once('exit', (code) => fail(new Error(`It ended with ${String(code)}.`)))
  })
}

test('a plane of a 30 GB TIFF and of a 10 GB HDF5 file is seen in 2 s and 500 MB', async () => {
  const folder = temporaryFolder()
  const [tiff, hdf5] = [join(folder, 'stack.tif'), join(folder, 'stack.h5')]
  await writeStack(tiff)
  await writeHdf5(hdf5)
  for (const [path, page, pages, value] of [
    [tiff, PAGES - 1, PAGES, ((PAGES - 1) % 256) * 257],
    [hdf5, 1249, 1250, 9],
  ] as const) {
    const view = await measure(path, page)
    console.log(path, view)
    expect(view).toMatchObject({ pages, value })
    expect(view.peakBytes).toBeLessThan(500 * MEGABYTE)
    // Of the processor: a machine that has other things to do takes longer, and so would any program.
    expect(view.processorMilliseconds).toBeLessThan(2000)
  }
})
