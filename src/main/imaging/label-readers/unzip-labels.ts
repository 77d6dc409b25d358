import { unzipSync } from 'fflate'
import { damagedLabels } from './label-file-errors.ts'

const MOST_ENTRIES = 1_000_000

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b
}

/** The names of its files. @throws SegscopeError `labels-damaged` */
export function listZip(bytes: Uint8Array, path: string): string[] {
  const names: string[] = []
  unzipLabels(bytes, path, { test: (name) => names.push(name) === 0 }, Infinity)
  return names
}

/**
 * The files of a zip archive whose names fit. Nothing is written anywhere, so that names cannot lead out of a folder.
 * @param mostBytes of all files together, unpacked
 * @throws SegscopeError `labels-damaged`
 */
export function unzipLabels(
  bytes: Uint8Array,
  path: string,
  fitting: { test: (name: string) => boolean },
  mostBytes: number,
): Uint8Array[] {
  let [entries, total] = [0, 0]
  try {
    const files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        entries++
        total += originalSize
        if (entries > MOST_ENTRIES || total > mostBytes)
          throw damagedLabels(path, 'it unpacks to more than the labels of an image take')
        return fitting.test(name) && !name.split('/').at(-1)?.startsWith('.')
      },
    })
    return Object.values(files)
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'number') {
      throw damagedLabels(path, `its zip cannot be unpacked (${error.message})`, error)
    }
    if (error instanceof RangeError) throw damagedLabels(path, 'its zip is cut or altered', error)
    throw error
  }
}
