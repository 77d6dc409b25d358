import { SegscopeError } from '../errors.ts'
import type { ImageSource, Region } from '../images/image-source.ts'
import { ObjectRows, type Splitting } from './object-rows.ts'
import { splitObject } from './split-object.ts'

/** One object of a label map, with its pixels. */
export interface ObjectMask {
  classValue: number
  /** Smallest rectangle that holds it. */
  box: Region
  /** Pixels. */
  area: number
  /** `[box.height, box.width]`: 1 in the object. */
  mask: Uint8Array
}

/** Rows that are read at a time. */
const rowsAtOnce = 256
/** Pixels of the largest rectangle around an object that is held in memory. */
const LARGEST_OBJECT = 2 ** 26

interface Found {
  classValue: number
  left: number
  top: number
  right: number
  bottom: number
  /** Of the first pixel, in reading order; its row is `top`. */
  x: number
  area: number
  /** The rectangle of the component that it was split from. */
  whole?: Region
}

/**
 * The objects of one page of a label map, in reading order of their first pixels: those of all classes but 0
 * (background) and 255 (not labelled), 8-connected, and split as `ObjectRows` does. Memory is that of the largest object, and
 * of those that are split and lie beside each other, whatever the image's size.
 * @param labels one channel of classes
 * @throws SegscopeError `object-too-large` before the first; where the file cannot be read
 */
export async function* objectMasks(
  labels: ImageSource,
  page: number,
  splitting: Splitting = new Map(),
): AsyncGenerator<ObjectMask> {
  const parts = new SplitComponents(labels, page, splitting)
  for (const object of await locateObjects(labels, page, splitting)) {
    const { classValue, area } = object
    const box = boxOf(object)
    const mask =
      object.whole === undefined
        ? fillFrom(await readBox(labels, box, page), box, object)
        : await parts.maskOf(object, object.whole)
    yield { classValue, box, area, mask }
  }
}

async function locateObjects(labels: ImageSource, page: number, splitting: Splitting): Promise<Found[]> {
  const { width, height } = labels.info
  const objects = new ObjectRows(width, splitting)
  /** By number, as far as it is known. */
  const found: (Found | undefined)[] = []
  for (let top = 0; top < height; top += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, height - top)
    const band = await readBox(labels, { x: 0, y: top, width, height: count }, page)
    for (let row = 0; row < count; row++) {
      const rows = objects.addRow(band.subarray(row * width, (row + 1) * width))
      if (top + row === height - 1) rows.push(...objects.finish())
      for (const { y, values, numbers } of rows) extend(found, y, values, numbers)
    }
  }
  found.forEach((part, number) => {
    const root = objects.rootOf(number)
    if (part === undefined || root === number) return
    const whole = found[root] as Found
    whole.left = Math.min(whole.left, part.left)
    whole.right = Math.max(whole.right, part.right)
    whole.bottom = Math.max(whole.bottom, part.bottom)
    whole.area += part.area
    found[number] = undefined
  })
  const all = found.flatMap((object, number) => {
    if (object === undefined) return []
    const whole = objects.wholeOf(number)
    return [{ ...object, ...(whole !== undefined && { whole }) }]
  })
  for (const object of all) refuseTooLarge(labels, object)
  return all.sort((one, other) => one.top - other.top || one.x - other.x)
}

function extend(found: (Found | undefined)[], y: number, values: Uint8Array, numbers: Int32Array): void {
  for (const [x, number] of numbers.entries()) {
    if (number === 0) continue
    const part = (found[number] ??= {
      classValue: values[x] as number,
      left: x,
      top: y,
      right: x,
      bottom: y,
      x,
      area: 0,
    })
    part.area++
    if (x < part.left) part.left = x
    if (x > part.right) part.right = x
    part.bottom = y
  }
}

function boxOf({ left, top, right, bottom }: Found): Region {
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }
}

function refuseTooLarge(labels: ImageSource, object: Found): void {
  const { width, height } = boxOf(object)
  if (width * height <= LARGEST_OBJECT) return
  throw new SegscopeError(
    'object-too-large',
    `An object of class ${object.classValue} takes a rectangle of ${width} x ${height} pixels: its outline would not fit into memory.`,
    {
      file: labels.path,
      remedy: 'Write this image as OME-TIFF, OME-Zarr or HDF5, which hold pixels, not outlines.',
    },
  )
}

async function readBox(labels: ImageSource, box: Region, page: number): Promise<Uint8Array> {
  return (await labels.read(box, page)).samples as Uint8Array
}

/**
 * The pixels that are connected with an object's first one, of the same class.
 * @param values `[box.height, box.width]`, of a box that holds the object
 */
function fillFrom(values: Uint8Array, box: Region, object: Found): Uint8Array {
  const { width, height } = box
  const mask = new Uint8Array(width * height)
  const isOpen = (at: number): boolean => mask[at] === 0 && values[at] === object.classValue
  const waiting = [(object.top - box.y) * width + object.x - box.x]
  for (let seed = waiting.pop(); seed !== undefined; seed = waiting.pop()) {
    if (!isOpen(seed)) continue
    const from = seed - (seed % width)
    let [left, end] = [seed, seed + 1]
    while (left > from && isOpen(left - 1)) left--
    while (end < from + width && isOpen(end)) end++
    mask.fill(1, left, end)
    // One seed for each run of open pixels that touches this one, by a side or a corner.
    for (const row of [from - width, from + width]) {
      if (row < 0 || row >= width * height) continue
      const last = Math.min(row + width, row + end - from + 1)
      let isRun = false
      for (let at = Math.max(row, row + left - from - 1); at < last; at++) {
        const isNext = isOpen(at)
        if (isNext && !isRun) waiting.push(at)
        isRun = isNext
      }
    }
  }
  return mask
}

/** Components that are split, with their parts, from the first of these to the last. */
class SplitComponents {
  readonly #labels: ImageSource
  readonly #page: number
  readonly #splitting: Splitting
  /** By class and rectangle: no two components of a class have the same one. */
  readonly #open = new Map<string, { parts: Int32Array; left: number }>()

  constructor(labels: ImageSource, page: number, splitting: Splitting) {
    this.#labels = labels
    this.#page = page
    this.#splitting = splitting
  }

  /** The mask of one part, which must be asked for once. */
  async maskOf(part: Found, whole: Region): Promise<Uint8Array> {
    const name = [part.classValue, whole.x, whole.y, whole.width, whole.height].join(' ')
    const component = this.#open.get(name) ?? (await this.#split(part, whole))
    this.#open.set(name, component)
    if (--component.left === 0) this.#open.delete(name)
    const { parts } = component
    const number = parts[(part.top - whole.y) * whole.width + part.x - whole.x]
    const box = boxOf(part)
    const mask = new Uint8Array(box.width * box.height)
    for (let row = 0; row < box.height; row++) {
      const from = (box.y - whole.y + row) * whole.width + box.x - whole.x
      for (let column = 0; column < box.width; column++) {
        if (parts[from + column] === number) mask[row * box.width + column] = 1
      }
    }
    return mask
  }

  async #split(part: Found, whole: Region): Promise<{ parts: Int32Array; left: number }> {
    const pixels = fillFrom(await readBox(this.#labels, whole, this.#page), whole, part)
    const { width, height } = this.#labels.info
    const cut = {
      left: whole.x === 0,
      top: whole.y === 0,
      right: whole.x + whole.width === width,
      bottom: whole.y + whole.height === height,
    }
    const waist = this.#splitting.get(part.classValue) as number
    const { parts, count } = splitObject({ ...whole, pixels, cut }, waist)
    return { parts, left: count }
  }
}
