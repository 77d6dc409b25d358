import { readFile } from 'node:fs/promises'
import { RandomAccessFile } from '../random-access-file.ts'
import { damagedLabels } from './label-file-errors.ts'

/** Annotations of a slide with a million cells take about this much. */
const MOST_BYTES = 2 ** 29

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

/** @throws SegscopeError as `readLabelFile`; `labels-damaged` where it is no JSON */
export async function readJson(path: string): Promise<unknown> {
  const text = Buffer.from(await readLabelFile(path)).toString('utf8')
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    if (error instanceof SyntaxError) throw damagedLabels(path, `it is no JSON (${error.message})`, error)
    if (error instanceof RangeError) throw damagedLabels(path, 'its JSON is nested too deeply', error)
    throw error
  }
}
