/** How far long work is, as the contract tells it. */
export interface Progress {
  kind: 'progress'
  /** 0 to 1. */
  fraction: number
  /** '312 of 10,000 images' */
  label: string
}

const number = new Intl.NumberFormat('en')

/** @param what the things counted, in the plural */
export function progressOf(done: number, total: number, what: string): Progress {
  return {
    kind: 'progress',
    fraction: total === 0 ? 1 : done / total,
    label: `${number.format(done)} of ${number.format(total)} ${what}`,
  }
}
