import { writeFile } from 'node:fs/promises'

/** The directory's entries, as tag, type (3: 16 bits, 4: 32 bits) and value; a strip for the whole image follows. */
const headerBytes = 8

/** Writes a grey 16-bit TIFF as cameras do: one strip, not compressed. */
export async function writeUncompressedTiff(
  path: string,
  width: number,
  height: number,
  samples: Uint16Array,
): Promise<void> {
  const entries: [tag: number, type: 3 | 4, value: number][] = [
    [256, 4, width],
    [257, 4, height],
    [258, 3, 16],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, headerBytes],
    [277, 3, 1],
    [278, 4, height],
    [279, 4, samples.byteLength],
  ]
  const file = Buffer.alloc(headerBytes + samples.byteLength + 2 + 12 * entries.length + 4)
  const directory = headerBytes + samples.byteLength
  file.write('II*\0', 'latin1')
  file.writeUInt32LE(directory, 4)
  file.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), headerBytes)
  file.writeUInt16LE(entries.length, directory)
  entries.forEach(([tag, type, value], index) => {
    const entry = directory + 2 + 12 * index
    file.writeUInt16LE(tag, entry)
    file.writeUInt16LE(type, entry + 2)
    file.writeUInt32LE(1, entry + 4)
    // Little-endian: a 16-bit value is the same in the first two of four bytes.
    file.writeUInt32LE(value, entry + 8)
  })
  await writeFile(path, file)
}
