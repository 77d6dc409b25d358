import type { Region } from '../images/image-source.ts'
import { UNLABELLED } from '../images/label-map.ts'
import type { ObjectPixels } from './distance-transform.ts'
import { ObjectTracer } from './object-tracer.ts'
import { splitObject } from './split-object.ts'

/** Which classes' objects are split: by class, the `waist` of `splitObject`. */
export type Splitting = ReadonlyMap<number, number>

/** Pixels of the largest rectangle in which an object is split: it takes about 25 bytes a pixel. */
const LARGEST_SPLIT = 2 ** 24
/** Pixels of rows that wait for their objects to end, at 9 bytes each. */
const MOST_WAITING = 2 ** 25

/** A row whose objects are known. */
export interface ObjectRow {
  y: number
  values: Uint8Array
  /** Of each pixel, the number of its object as `rootOf` takes it; 0 for none. */
  numbers: Int32Array
  /**
   * What tells a pixel's object from those that it touches, while numbers may still be joined: pixels next to each other have the
   * same key if and only if they are of one object. 0 for none.
   */
  keys: Int32Array
}

/** A connected component that is to be split, as far as its rows are known. */
interface Component {
  left: number
  right: number
  top: number
  bottom: number
  waist: number
  /** It stays whole, as it is too large to be held. */
  isGivenUp: boolean
}

/**
 * The objects of a label map, row by row: the connected components of each class, those of some classes split where they
 * touch. A row is given back when all objects in it that are to be split
 * are known to their end. So memory is bounded by the height of such objects; those for which it would be too much are not
 * split, and counted.
 */
export class ObjectRows {
  readonly #width: number
  readonly #splitting: Splitting
  readonly #tracer: ObjectTracer
  readonly #mostWaiting: number
  readonly #components = new Map<number, Component>()
  /** From `#first` on. */
  #waiting: ObjectRow[] = []
  #first = 0
  #next = 0
  #tooLarge = 0
  /** By number, of the parts of objects that were split. */
  readonly #wholes = new Map<number, Region>()

  /**
   * @param traced which of the classes have objects; by default all but background and what is not labelled
   * @param mostWaiting pixels of rows that are held at most
   */
  constructor(
    width: number,
    splitting: Splitting = new Map(),
    { traced = isObject, mostWaiting = MOST_WAITING }: ObjectRowsOptions = {},
  ) {
    this.#width = width
    this.#splitting = splitting
    this.#mostWaiting = mostWaiting
    this.#tracer = new ObjectTracer(width, traced)
  }

  /** Objects that were to be split and are too large for it. */
  get tooLarge(): number {
    return this.#tooLarge
  }

  /** Takes the next row of classes, `[width]`, and returns the rows that are complete now, from the top down. */
  addRow(values: Uint8Array): ObjectRow[] {
    const numbers = this.#tracer.addRow(values)
    const keys = new Int32Array(this.#width)
    for (let x = 0; x < keys.length; x++) if (numbers[x] !== 0) keys[x] = -1 - (values[x] as number)
    this.#waiting.push({ y: this.#next, values: values.slice(), numbers, keys })
    this.#follow(values, numbers)
    this.#next++
    this.#closeEnded(this.#next - 1)
    while (this.#waiting.length * this.#width > this.#mostWaiting) {
      const oldest = this.#oldest()
      if (oldest === undefined) break
      oldest.isGivenUp = true
      this.#tooLarge++
    }
    return this.#release()
  }

  /** The remaining rows. Nothing may be added afterwards. */
  finish(): ObjectRow[] {
    this.#closeEnded(this.#next)
    return this.#release()
  }

  /** The number that stands for the whole object that a number belongs to; final once all rows are given back. */
  rootOf(number: number): number {
    return this.#tracer.rootOf(number)
  }

  /** The rectangle around the connected component that an object was split from; undefined for one that is whole. */
  wholeOf(number: number): Region | undefined {
    return this.#wholes.get(number)
  }

  /** Learns where the components of a row are, and joins those that it joins. */
  #follow(values: Uint8Array, numbers: Int32Array): void {
    if (this.#splitting.size === 0) return
    for (const [number, component] of this.#components) {
      const root = this.#tracer.rootOf(number)
      if (root === number) continue
      this.#components.delete(number)
      const other = this.#components.get(root)
      if (other === undefined) this.#components.set(root, component)
      else join(other, component)
    }
    for (let x = 0; x < numbers.length; x++) {
      const number = numbers[x] as number
      if (number === 0) continue
      const waist = this.#splitting.get(values[x] as number)
      if (waist === undefined) continue
      let end = x + 1
      while (numbers[end] === number) end++
      const run = { left: x, right: end - 1, top: this.#next, bottom: this.#next, waist, isGivenUp: false }
      const root = this.#tracer.rootOf(number)
      const known = this.#components.get(root)
      if (known === undefined) this.#components.set(root, run)
      else join(known, run)
      x = end - 1
    }
  }

  /** @param y the row that components which go on have reached */
  #closeEnded(y: number): void {
    for (const [root, component] of this.#components) {
      if (component.bottom >= y) continue
      this.#components.delete(root)
      if (component.isGivenUp) continue
      const { left, right, top, bottom } = component
      if ((right - left + 1) * (bottom - top + 1) > LARGEST_SPLIT) this.#tooLarge++
      else this.#split(root, component, y === this.#next && bottom === y - 1)
    }
  }

  #split(root: number, { left, right, top, bottom, waist }: Component, isCutBelow: boolean): void {
    const [width, height] = [right - left + 1, bottom - top + 1]
    const pixels = new Uint8Array(width * height)
    for (let y = 0; y < height; y++) {
      const { numbers } = this.#waiting[top + y - this.#first] as ObjectRow
      for (let x = 0; x < width; x++) {
        const number = numbers[left + x] as number
        if (number !== 0 && this.#tracer.rootOf(number) === root) pixels[y * width + x] = 1
      }
    }
    const mask: ObjectPixels = {
      width,
      height,
      pixels,
      cut: { left: left === 0, top: top === 0, right: right === this.#width - 1, bottom: isCutBelow },
    }
    const { parts, count } = splitObject(mask, waist)
    const numberOf = Array.from({ length: count }, (_, part) =>
      part === 0 ? root : this.#tracer.newNumber(),
    )
    if (count > 1) for (const number of numberOf) this.#wholes.set(number, { x: left, y: top, width, height })
    for (let y = 0; y < height; y++) {
      const { numbers, keys } = this.#waiting[top + y - this.#first] as ObjectRow
      for (let x = 0; x < width; x++) {
        const part = parts[y * width + x] as number
        if (part !== 0) numbers[left + x] = keys[left + x] = numberOf[part - 1] as number
      }
    }
  }

  #oldest(): Component | undefined {
    let oldest: Component | undefined
    for (const component of this.#components.values()) {
      if (!component.isGivenUp && component.top < (oldest?.top ?? Infinity)) oldest = component
    }
    return oldest
  }

  #release(): ObjectRow[] {
    const count = Math.max(0, (this.#oldest()?.top ?? this.#next) - this.#first)
    this.#first += count
    const released = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    return released
  }
}

export interface ObjectRowsOptions {
  traced?: (value: number) => boolean
  mostWaiting?: number
}

function isObject(value: number): boolean {
  return value !== 0 && value !== UNLABELLED
}

function join(into: Component, other: Component): void {
  into.left = Math.min(into.left, other.left)
  into.right = Math.max(into.right, other.right)
  into.top = Math.min(into.top, other.top)
  into.bottom = Math.max(into.bottom, other.bottom)
  into.isGivenUp ||= other.isGivenUp
}
