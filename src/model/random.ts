/**
 * The only source of chance in Segscope: mulberry32, 32 bits of state, so that a checkpoint can hold it and a
 * resumed run draws what a run never stopped would have drawn.
 * Algorithm: Tommy Ettinger's mulberry32, public domain.
 */
export class RandomGenerator {
  /** The whole state: an unsigned 32-bit integer. Assign it to continue from a checkpoint. */
  state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = this.state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  /** An unsigned 32-bit integer, to seed another generator with. */
  nextSeed(): number {
    return Math.floor(this.next() * 4294967296)
  }

  /** A whole number in [0, bound). */
  nextInteger(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  /** Uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.next()
  }

  /** Standard normal, by Box and Muller; two uniforms a call, so that the state alone is enough to continue. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()))
    return radius * Math.cos(2 * Math.PI * this.next())
  }

  /** Shuffles in place (Fisher and Yates) and returns the array. */
  shuffle<T>(items: T[]): T[] {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.nextInteger(last + 1)
      const held = items[last] as T
      items[last] = items[other] as T
      items[other] = held
    }
    return items
  }
}
