import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { RandomAccessFile } from '../random-access-file.ts'
import { damagedLabels } from './label-file-errors.ts'
import { isZip, listZip, unzipLabels } from './unzip-labels.ts'

/** Annotations of a slide with a million cells take about this much, unpacked. */
const MOST_BYTES = 2 ** 29
const jsonName = /\.(geo)?json$/i

/**
 * The bytes of a file that is read whole.
 * @throws SegscopeError `file-unreadable`; `labels-damaged` where it is larger than labels are
 */
export async function readLabelFile(path: string): Promise<Uint8Array> {
  const file = await RandomAccessFile.open(path)
  const { size } = file
  await file.close()
  if (size > MOST_BYTES)
    throw damagedLabels(path, `${Math.round(size / 2 ** 20)} MiB are more than labels take`)
  if (size === 0) throw damagedLabels(path, 'it is empty')
  return readFile(path)
}

/**
 * Whether a file is to be read as JSON: by its extension, and a zip archive by what is in it.
 * @throws SegscopeError as `readLabelFile`; `labels-damaged`
 */
export async function isJsonFile(path: string): Promise<boolean> {
  const lower = path.toLowerCase()
  if (!lower.endsWith('.zip')) return jsonName.test(lower.replace(/\.gz$/, ''))
  const bytes = await readLabelFile(path)
  return isZip(bytes) && listZip(bytes, path).some((name) => jsonName.test(name))
}

/**
 * The JSON in a file, which may be packed by gzip, or the only one in a zip archive, as QuPath exports it.
 * @throws SegscopeError as `readLabelFile`; `labels-damaged` where it is no JSON
 */
export async function readJson(path: string): Promise<unknown> {
  const text = Buffer.from(await unpack(await readLabelFile(path), path)).toString('utf8')
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    if (error instanceof SyntaxError) throw damagedLabels(path, `it is no JSON (${error.message})`, error)
    if (error instanceof RangeError) throw damagedLabels(path, 'its JSON is nested too deeply', error)
    throw error
  }
}

async function unpack(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  if (isZip(bytes)) {
    const [json, another] = unzipLabels(bytes, path, jsonName, MOST_BYTES)
    if (json === undefined || another !== undefined)
      throw damagedLabels(path, `there ${json === undefined ? 'is no' : 'are several'} JSON in its zip`)
    return json
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  return await promisify(gunzip)(bytes, { maxOutputLength: MOST_BYTES }).catch((error: unknown) => {
    throw damagedLabels(path, 'it is cut, altered, or unpacks to more than labels take', error)
  })
}
