import type { ImageSource } from '../../../model/images/image-source.ts'
import { damagedLabels, unsupportedLabels } from './label-file-errors.ts'
import { MemoryLabelSource } from './memory-label-source.ts'
import { pickledArray, readPickle, type PickledArray } from './pickle.ts'
import { readLabelFile } from './read-label-file.ts'

/** The magic of NumPy's files, `\x93NUMPY`. */
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

const readers: Record<
  string,
  { bytes: number; read: (view: DataView, at: number, little: boolean) => number }
> = {
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  b1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  i4: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  u8: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  i8: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
}

/**
 * Reads the masks of Cellpose's `_seg.npy`: 0 outside, numbers of objects. The file is a pickle; it is read as data, and
 * nothing in it is run (`pickle.ts`).
 * @throws SegscopeError `labels-damaged`, `labels-unsupported`, `file-unreadable`
 */
export async function openCellposeSeg(path: string): Promise<ImageSource> {
  const bytes = await readLabelFile(path)
  if (!magic.every((byte, index) => bytes[index] === byte))
    throw damagedLabels(path, 'it is no file of NumPy')
  const wide = (bytes[6] as number) > 1
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerLength = wide ? view.getUint32(8, true) : view.getUint16(8, true)
  const start = (wide ? 12 : 10) + headerLength
  const header = Buffer.from(bytes.subarray(10, start)).toString('latin1')
  if (!/'descr'\s*:\s*'\|O'/.test(header)) {
    throw unsupportedLabels(
      path,
      'it is not as Cellpose saves its results',
      'Save from Cellpose, or as TIFF or PNG.',
    )
  }
  const masks = masksOf(readObject(bytes.subarray(start), path))
  if (masks === undefined) throw damagedLabels(path, 'there are no masks in it')
  return sourceOf(masks, path)
}

function readObject(bytes: Uint8Array, path: string): unknown {
  try {
    return readPickle(bytes)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw damagedLabels(path, error instanceof RangeError ? 'it is cut off' : error.message, error)
  }
}

/** In the dictionary that an array of no dimensions holds. */
function masksOf(object: unknown): PickledArray | undefined {
  const whole = pickledArray(object)
  const [dictionary] = whole?.data instanceof Uint8Array ? [] : (whole?.data ?? [object])
  return dictionary instanceof Map ? pickledArray(dictionary.get('masks')) : undefined
}

function sourceOf({ shape, type, isFortran, data }: PickledArray, path: string): ImageSource {
  const [height, width] = shape.slice(-2)
  const planes = shape.length === 3 ? (shape[0] as number) : 1
  const reader = readers[type.slice(1)]
  const isFitting =
    (shape.length === 2 || shape.length === 3) &&
    shape.every((extent) => Number.isInteger(extent) && extent > 0)
  if (
    reader === undefined ||
    !isFitting ||
    width === undefined ||
    height === undefined ||
    !(data instanceof Uint8Array)
  ) {
    throw unsupportedLabels(
      path,
      `its masks are ${shape.join(' x ')} values of the type ${type}`,
      'Save from Cellpose again.',
    )
  }
  const area = width * height
  if (data.length !== planes * area * reader.bytes)
    throw damagedLabels(path, 'its masks are not as large as they say')
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const little = !type.startsWith('>')
  const pages = Array.from({ length: planes }, (_, page) => {
    const values = new Uint32Array(area)
    for (let at = 0; at < area; at++) {
      const [x, y] = [at % width, Math.floor(at / width)]
      const place = isFortran ? (x * height + y) * planes + page : page * area + at
      values[at] = reader.read(view, place * reader.bytes, little)
    }
    return values
  })
  return new MemoryLabelSource(path, 'Cellpose', width, height, pages)
}
