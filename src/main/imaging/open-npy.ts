import type { ImageSource, Samples, SampleType } from '../../model/images/image-source.ts'
import type { ImageSelection } from '../../preload/contract/image-address.ts'
import { ArraySource, type ArrayBlocks } from './axes/array-source.ts'
import { describeArray } from './axes/describe-array.ts'
import { damagedImage, truncatedImage, unsupportedImage } from './image-errors.ts'
import type { RandomAccessFile } from './random-access-file.ts'
import { createSamples } from './regions.ts'

/** Headers are padded to 64 bytes and hold a shape. */
const LONGEST_HEADER = 2 ** 16

interface Layout {
  shape: number[]
  fortranOrder: boolean
  /** 'f4', 'u2', 'b1', ... */
  type: string
  littleEndian: boolean
  /** Bytes from the file's start. */
  offset: number
}

/**
 * Opens an array that NumPy saved (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), read in part, at the places
 * where the parts lie.
 * @throws SegscopeError `image-truncated`, `image-damaged`, `image-unsupported`, `axes-do-not-fit`
 */
export async function openNpy(file: RandomAccessFile, selection: ImageSelection): Promise<ImageSource> {
  const layout = await readLayout(file)
  const element = elements[layout.type]
  if (element === undefined) {
    throw unsupportedImage(
      file.path,
      layout.type.startsWith('O')
        ? 'it holds a Python object, not an array of numbers'
        : `its values are of NumPy's type ${layout.type}`,
    )
  }
  const { shape } = layout
  const bytes = shape.reduce((product, size) => product * size, element.bytes)
  if (layout.offset + bytes > file.size) {
    throw truncatedImage(
      file.path,
      `its ${shape.join(' x ')} values take ${String(bytes)} bytes, the file has ${String(file.size - layout.offset)} for them`,
    )
  }
  const { info, names } = describeArray(file.path, {
    shape,
    named: undefined,
    chosen: selection.axes,
    sampleType: element.sampleType,
    bitsPerSample: 8 * element.bytes,
    pixelSize: undefined,
    format: 'NumPy',
  })
  // Fortran order is C order with the axes the other way round.
  const stored = layout.fortranOrder ? shape.toReversed() : shape
  const blocks: ArrayBlocks = {
    shape: stored,
    read: (start, count) => readBlock(file, layout, element, stored, start, count),
  }
  return new ArraySource(file.path, info, layout.fortranOrder ? names.toReversed() : names, [blocks], () =>
    file.close(),
  )
}

interface Element {
  bytes: number
  sampleType: SampleType
  /** One value, at a byte; absent where bytes can be taken as they are. */
  read?: (view: DataView, at: number, littleEndian: boolean) => number
}

/** By NumPy's kind and size. */
const elements: Partial<Record<string, Element>> = {
  b1: { bytes: 1, sampleType: 'uint8' },
  u1: { bytes: 1, sampleType: 'uint8' },
  i1: { bytes: 1, sampleType: 'int8' },
  u2: { bytes: 2, sampleType: 'uint16' },
  i2: { bytes: 2, sampleType: 'int16' },
  u4: { bytes: 4, sampleType: 'uint32' },
  i4: { bytes: 4, sampleType: 'int32' },
  u8: { bytes: 8, sampleType: 'float64', read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  i8: { bytes: 8, sampleType: 'float64', read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  f2: { bytes: 2, sampleType: 'float32', read: (view, at, little) => halfFloat(view.getUint16(at, little)) },
  f4: { bytes: 4, sampleType: 'float32' },
  f8: { bytes: 8, sampleType: 'float64' },
}

async function readLayout(file: RandomAccessFile): Promise<Layout> {
  const start = new DataView((await file.read(0, 12, 'the NumPy header')).buffer)
  const isFirstVersion = start.getUint8(6) === 1
  const length = isFirstVersion ? start.getUint16(8, true) : start.getUint32(8, true)
  const from = isFirstVersion ? 10 : 12
  if (length > LONGEST_HEADER)
    throw damagedImage(file.path, `it declares a header of ${String(length)} bytes`)
  const header = new TextDecoder('latin1').decode(await file.read(from, length, 'the NumPy header'))
  // A Python dictionary, whose keys and forms NumPy has fixed.
  const descr = /'descr':\s*'([<>|=])?([a-zA-Z])(\d*)'/.exec(header)
  const order = /'fortran_order':\s*(True|False)/.exec(header)
  const shape = /'shape':\s*\(([\d\s,]*)\)/.exec(header)
  if (order === null || shape === null) throw damagedImage(file.path, 'its NumPy header cannot be understood')
  if (descr === null) throw unsupportedImage(file.path, 'its values are records of several fields')
  return {
    shape: (shape[1] as string).split(',').flatMap((text) => (text.trim() === '' ? [] : [Number(text)])),
    fortranOrder: order[1] === 'True',
    type: `${descr[2] as string}${descr[3] as string}`,
    littleEndian: descr[1] !== '>',
    offset: from + length,
  }
}

async function readBlock(
  file: RandomAccessFile,
  { offset, littleEndian }: Layout,
  element: Element,
  shape: readonly number[],
  start: readonly number[],
  count: readonly number[],
): Promise<Samples> {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1))
  const samples = createSamples(element.sampleType, product(count))
  let filled = 0
  const readFrom = async (axis: number, first: number): Promise<void> => {
    const inner = count.slice(axis)
    const wanted = product(inner)
    const span = inner.reduce((sum, size, at) => sum + (size - 1) * (strides[axis + at] as number), 1)
    const isNear = span * element.bytes <= READ_BYTES && span <= MOST_PASSED_OVER * wanted
    if (span !== wanted && !isNear) {
      for (let at = 0; at < (count[axis] as number); at++) {
        await readFrom(axis + 1, first + at * (strides[axis] as number))
      }
      return
    }
    const bytes = await file.read(offset + first * element.bytes, span * element.bytes, 'a part of the array')
    const values = decode(bytes, element, littleEndian)
    const copy = (depth: number, from: number): void => {
      const size = count[depth] as number
      if (depth === count.length - 1) {
        samples.set(values.subarray(from, from + size), filled)
        filled += size
        return
      }
      for (let at = 0; at < size; at++) copy(depth + 1, from + at * (strides[depth] as number))
    }
    copy(axis, 0)
  }
  await readFrom(
    0,
    start.reduce((sum, at, axis) => sum + at * (strides[axis] as number), 0),
  )
  return samples
}

/** Values between those that are wanted are read along and dropped where that makes one read of many. */
const READ_BYTES = 2 ** 22
const MOST_PASSED_OVER = 8

function product(sizes: readonly number[]): number {
  return sizes.reduce((before, size) => before * size, 1)
}

function decode(bytes: Uint8Array<ArrayBuffer>, element: Element, littleEndian: boolean): Samples {
  const { read, sampleType } = element
  const length = bytes.length / element.bytes
  if (read === undefined) {
    if (!littleEndian) reverseEach(bytes, element.bytes)
    const Constructor = createSamples(sampleType, 0).constructor as unknown as new (
      buffer: ArrayBuffer,
      offset: number,
      length: number,
    ) => Samples
    return new Constructor(bytes.buffer, bytes.byteOffset, length)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const samples = createSamples(sampleType, length)
  for (let index = 0; index < length; index++)
    samples[index] = read(view, index * element.bytes, littleEndian)
  return samples
}

function reverseEach(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse()
}

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
