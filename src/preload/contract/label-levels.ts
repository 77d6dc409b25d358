const UNLABELLED = 255
const BACKGROUND = 0

/** The last level of labels: at which a tile of them is one pixel. */
export const LAST_LABEL_LEVEL = 8

/**
 * Labels at half the width and height, so that the thinnest stroke is still seen: of every four pixels, in the order of
 * reading, the first that is of a class; else the background, if there is some; else not labelled.
 * @param values `[height, width]`, both even
 * @returns `[height / 2, width / 2]`
 */
export function halveLabels(values: Uint8Array, width: number): Uint8Array<ArrayBuffer> {
  const halfWidth = width / 2
  const halved = new Uint8Array(values.length / 4)
  for (let at = 0; at < halved.length; at++) {
    const column = at % halfWidth
    const upper = ((at - column) / halfWidth) * 2 * width + 2 * column
    halved[at] = strongest(
      strongest(values[upper] as number, values[upper + 1] as number),
      strongest(values[upper + width] as number, values[upper + width + 1] as number),
    )
  }
  return halved
}

function strongest(first: number, second: number): number {
  if (first !== UNLABELLED && first !== BACKGROUND) return first
  if (second !== UNLABELLED) return second
  return first
}
