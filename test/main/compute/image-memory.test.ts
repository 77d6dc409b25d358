import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encode } from 'fast-png'
import { describe, expect, it } from 'vitest'
import { ImageMemory } from '../../../src/main/compute/image-memory.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const region = { x: 1, y: 0, width: 2, height: 2 }
const inRegion = { samples: Uint16Array.of(1, 2, 4, 5), channels: 1, width: 2, height: 2 }

function writeImage(folder: string, name: string): string {
  const path = join(folder, name)
  const data = Uint16Array.of(0, 1, 2, 3, 4, 5)
  writeFileSync(path, encode({ width: 3, height: 2, data, depth: 16, channels: 1 }))
  return path
}

describe('ImageMemory', () => {
  it('keeps images while there is room; of others it tells when the file is gone', async () => {
    const folder = temporaryFolder()
    // Room for the 12 bytes of one image.
    const memory = new ImageMemory(20)
    const first = await memory.image(writeImage(folder, 'first.png'))
    const second = await memory.image(writeImage(folder, 'second.png'))
    for (const image of [first, second]) expect(await image.read(region)).toEqual(inRegion)
    rmSync(first.path)
    rmSync(second.path)
    expect(await first.read(region)).toEqual(inRegion)
    await expect(second.read(region)).rejects.toMatchObject({ code: 'file-unreadable', file: second.path })
  })

  it('reads labels once where they fit', async () => {
    const memory = new ImageMemory(5)
    let reads = 0
    const read = () => Promise.resolve({ width: 2, height: 2, values: Uint8Array.of(reads++, 0, 0, 0) })
    const [kept, notKept] = [memory.labels(read), memory.labels(read)]
    const firstValues = []
    for (const labels of [kept, notKept, kept, notKept]) firstValues.push((await labels()).values[0])
    expect(firstValues).toEqual([0, 1, 0, 2])
  })
})
