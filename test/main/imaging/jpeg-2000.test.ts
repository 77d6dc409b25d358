import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { readPlane } from '../../../src/main/imaging/read-plane.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { codecFiles } from './codec-files.ts'

const names = Object.keys(codecFiles) as (keyof typeof codecFiles)[]
const pixels = Array.from({ length: 320 }, (_, at) => (37 * at) % 4001)

function write(name: keyof typeof codecFiles, change: (bytes: Buffer) => Buffer = (bytes) => bytes): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, change(Buffer.from(codecFiles[name], 'base64')))
  return path
}

async function read(path: string): Promise<number[]> {
  const source = await openImage(path)
  try {
    return [...(await readPlane(source, 0)).samples]
  } finally {
    await source.close()
  }
}

test.each(names)('%s has the values that went into it', async (name) => {
  expect(await read(write(name))).toEqual(pixels)
})

test.each(names)('%s, cut, is refused, and sound files are read after it', async (name) => {
  const cut = write(name, (bytes) => bytes.subarray(0, bytes.length - 200))
  await expect(read(cut)).rejects.toMatchObject({
    code: expect.stringMatching(/^image-(damaged|truncated)$/) as string,
    file: cut,
  })
  expect(await read(write(name))).toEqual(pixels)
})

test('a JPEG 2000 that declares gigabytes is refused before memory is taken', async () => {
  const path = write('picture.jp2', (bytes) => {
    const size = bytes.indexOf(Buffer.from([0xff, 0x4f, 0xff, 0x51])) + 8
    bytes.writeUInt32BE(40_000, size)
    bytes.writeUInt32BE(12_000, size + 4)
    return bytes
  })
  await expect(read(path)).rejects.toMatchObject({ code: 'image-too-large', file: path })
})
