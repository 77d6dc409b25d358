import type { Region } from '../../../model/images/image-source.ts'

/**
 * COCO's run lengths of a mask: pixels column by column from the top left, alternately outside and inside, outside first.
 * @param mask `[box.height, box.width]`, 1 inside
 * @param width of the image; `height` too
 */
export function runLengthsOf(mask: Uint8Array, box: Region, width: number, height: number): number[] {
  const counts: number[] = []
  /** Where the last change was. */
  let last = 0
  /** Counts alternate, from outside on. */
  const isInside = (): boolean => counts.length % 2 === 1
  const change = (at: number): void => {
    counts.push(at - last)
    last = at
  }
  for (let x = 0; x < box.width; x++) {
    for (let y = 0; y < box.height; y++) {
      const at = (box.x + x) * height + box.y + y
      // What lies above the box in this column is outside.
      if (y === 0 && isInside() && box.height < height) change(at - (height - box.height))
      if ((mask[y * box.width + x] === 1) !== isInside()) change(at)
    }
  }
  if (isInside()) change((box.x + box.width - 1) * height + box.y + box.height)
  const rest = width * height - last
  if (rest > 0) counts.push(rest)
  return counts
}

/**
 * The text form of run lengths, as `rleToString` in cocoapi's maskApi.c: from the third on, the difference to the one two
 * before; five bits a character, low ones first, a sixth for "more follows", from "0" on.
 */
export function encodeRunLengths(counts: readonly number[]): string {
  const characters: number[] = []
  counts.forEach((count, index) => {
    let value = index > 2 ? count - (counts[index - 2] as number) : count
    for (;;) {
      const bits = value & 31
      value >>= 5
      const isLast = (bits & 16) === 0 ? value === 0 : value === -1
      characters.push((isLast ? bits : bits | 32) + 48)
      if (isLast) break
    }
  })
  return Buffer.from(characters).toString('latin1')
}
