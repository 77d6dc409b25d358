import { UNLABELLED } from '../images/label-map.ts'
import type { ImageSource, Region } from '../images/image-source.ts'
import { ObjectTracer } from './object-tracer.ts'

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

interface Found {
  classValue: number
  left: number
  top: number
  right: number
  bottom: number
  /** Of the first pixel, in reading order. */
  x: number
  area: number
}

/**
 * The objects of one page of a label map, in reading order of their first pixels: those of all classes but 0
 * (background) and 255 (not labelled), 8-connected. Memory is that of the largest object, whatever the image's size.
 * @param labels one channel of classes
 * @throws SegscopeError where the file cannot be read
 */
export async function* objectMasks(labels: ImageSource, page: number): AsyncGenerator<ObjectMask> {
  for (const object of await findBoxes(labels, page)) {
    const { classValue, left, top, right, bottom, area } = object
    const box = { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }
    const { samples } = await labels.read(box, page)
    yield { classValue, box, area, mask: fillFrom(samples as Uint8Array, box, object) }
  }
}

async function findBoxes(labels: ImageSource, page: number): Promise<Found[]> {
  const { width, height } = labels.info
  const tracer = new ObjectTracer(width, (value) => value !== 0 && value !== UNLABELLED)
  /** By provisional number. */
  const parts: (Found | undefined)[] = []
  for (let top = 0; top < height; top += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, height - top)
    const values = (await labels.read({ x: 0, y: top, width, height: rows }, page)).samples as Uint8Array
    for (let row = 0; row < rows; row++) {
      const line = values.subarray(row * width, (row + 1) * width)
      const y = top + row
      for (const [x, number] of tracer.addRow(line).entries()) {
        if (number === 0) continue
        const part = (parts[number] ??= {
          classValue: line[x] as number,
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
  }
  parts.forEach((part, number) => {
    const root = tracer.rootOf(number)
    if (part === undefined || root === number) return
    const whole = parts[root] as Found
    whole.left = Math.min(whole.left, part.left)
    whole.right = Math.max(whole.right, part.right)
    whole.bottom = Math.max(whole.bottom, part.bottom)
    whole.area += part.area
    parts[number] = undefined
  })
  return parts.filter((part) => part !== undefined)
}

/** The pixels that are connected with an object's first one, within its box. */
function fillFrom(values: Uint8Array, { x, width, height }: Region, object: Found): Uint8Array {
  const mask = new Uint8Array(width * height)
  const waiting = [object.x - x]
  mask[object.x - x] = 1
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const [column, row] = [at % width, Math.floor(at / width)]
    for (let nextRow = Math.max(0, row - 1); nextRow <= Math.min(height - 1, row + 1); nextRow++) {
      for (let next = Math.max(0, column - 1); next <= Math.min(width - 1, column + 1); next++) {
        const place = nextRow * width + next
        if (mask[place] === 1 || values[place] !== object.classValue) continue
        mask[place] = 1
        waiting.push(place)
      }
    }
  }
  return mask
}
