import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { joinAddress, splitAddress } from '../../preload/contract/image-address.ts'

/** 64 KiB each, sixteen a file: 1 MiB to read of a file of any size. */
const blockBytes = 65536
const blockCount = 16

/**
 * Tells an image from others by its content, wherever it lies. A file of up to 1 MiB is read whole
 * (`sha256:...`), of a larger one its size and sixteen blocks, evenly spread from the first byte to the last
 * (`sampled:...`): enough to tell micrographs apart, whose every region has its own noise; a change made
 * between the blocks goes unseen. What is chosen within the file follows (`sha256:...?axes=tyx`).
 * @param address see `src/preload/contract/image-address.ts`
 */
export async function fingerprintImage(address: string): Promise<string> {
  const { path, selection } = splitAddress(address)
  return joinAddress(await fingerprintFile(path), selection)
}

async function fingerprintFile(path: string): Promise<string> {
  if ((await stat(path)).isDirectory()) return await fingerprintFolder(path)
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size <= blockCount * blockBytes) return await fingerprintContent(path)
    const hash = createHash('sha256').update(`${size}\n`)
    const block = Buffer.alloc(blockBytes)
    for (let index = 0; index < blockCount; index++) {
      const position = Math.floor((index * (size - blockBytes)) / (blockCount - 1))
      const { bytesRead } = await file.read(block, 0, blockBytes, position)
      hash.update(block.subarray(0, bytesRead))
    }
    return `sampled:${hash.digest('hex')}`
  } finally {
    await file.close()
  }
}

/** Of a label file, in which a single stroke counts, every byte; of a folder that is one (Zarr), as of an image. */
export async function fingerprintLabels(path: string): Promise<string> {
  return (await stat(path)).isDirectory() ? await fingerprintFolder(path) : await fingerprintContent(path)
}

/** Of every byte: for labels and checkpoints. */
export async function fingerprintContent(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return `sha256:${hash.digest('hex')}`
}

/** Files of a folder that are looked at: its metadata and its first chunks. */
const folderFiles = 64

/** Of a folder that is one image (Zarr): names and sizes of its first files, by depth and name, and their first blocks. */
async function fingerprintFolder(folder: string): Promise<string> {
  const hash = createHash('sha256')
  let left = folderFiles
  let level = ['']
  while (left > 0 && level.length > 0) {
    const below: string[] = []
    for (const inner of level) {
      const entries = await readdir(join(folder, inner), { withFileTypes: true })
      for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
        const name = inner === '' ? entry.name : `${inner}/${entry.name}`
        if (entry.isDirectory()) below.push(name)
        else if (left-- > 0) {
          const bytes = await readFile(join(folder, name))
          hash.update(`${name} ${bytes.length}\n`).update(bytes.subarray(0, blockBytes))
        }
      }
    }
    level = below.slice(0, folderFiles)
  }
  return `folder:${hash.digest('hex')}`
}
