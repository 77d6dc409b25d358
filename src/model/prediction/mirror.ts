/** The ways to mirror an image without turning it, the image itself first. */
export const mirrorings = [
  { horizontal: false, vertical: false },
  { horizontal: true, vertical: false },
  { horizontal: false, vertical: true },
  { horizontal: true, vertical: true },
] as const

export type Mirroring = (typeof mirrorings)[number]

/** Adds to `target` the mirrored `source` times `weight`; both `[planes, height, width]`. Mirroring twice gives the source back. */
export function addMirrored(
  target: Float32Array,
  source: Float32Array,
  height: number,
  width: number,
  mirroring: Mirroring,
  weight: number,
): void {
  const rows = source.length / width
  for (let row = 0; row < rows; row++) {
    const inPlane = row % height
    const mirroredRow = mirroring.vertical ? row - inPlane + (height - 1 - inPlane) : row
    const step = mirroring.horizontal ? -1 : 1
    let from = mirroredRow * width + (mirroring.horizontal ? width - 1 : 0)
    const end = (row + 1) * width
    for (let index = row * width; index < end; index++, from += step) {
      target[index] = (target[index] as number) + weight * (source[from] as number)
    }
  }
}
