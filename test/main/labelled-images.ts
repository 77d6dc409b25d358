import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { encode } from 'fast-png'
import { RandomGenerator } from '../../src/model/random.ts'

export interface LabelledFolders {
  images: string
  labels: string
}

/** Names whose order as a person sees it is not that of their letters, one of them in a sub-folder. */
export const imageNames = ['plate/b', 'f1', 'f2', 'f3', 'f9', 'f10', 'f11', 'A4'] as const

/**
 * Writes 16-bit images of bright discs with a dim rim on a noisy ground, and labels of every pixel: ground 0, disc 1, rim 2.
 * All PNG: `images/NAME.png` and `labels/NAME.png`.
 */
export function writeLabelledImages(
  folder: string,
  {
    names = imageNames,
    side = 64,
    seed = 1,
  }: { names?: readonly string[]; side?: number; seed?: number } = {},
): LabelledFolders {
  const random = new RandomGenerator(seed)
  const folders = { images: join(folder, 'images'), labels: join(folder, 'labels') }
  for (const name of names) {
    const { samples, classes } = drawDiscs(side, random)
    writePng(join(folders.images, `${name}.png`), side, samples)
    writePng(join(folders.labels, `${name}.png`), side, classes)
  }
  return folders
}

/** Writes a square grey PNG, 8 or 16 bits by the samples' type. */
export function writePng(path: string, side: number, data: Uint8Array | Uint16Array): void {
  mkdirSync(dirname(path), { recursive: true })
  const depth = data instanceof Uint8Array ? 8 : 16
  writeFileSync(path, encode({ width: side, height: side, data, depth, channels: 1 }))
}

function drawDiscs(side: number, random: RandomGenerator): { samples: Uint16Array; classes: Uint8Array } {
  const discs = Array.from({ length: 4 }, () => ({
    x: random.uniform(8, side - 8),
    y: random.uniform(8, side - 8),
    radius: random.uniform(6, 10),
  }))
  const classes = new Uint8Array(side * side)
  const samples = new Uint16Array(side * side)
  for (let pixel = 0; pixel < classes.length; pixel++) {
    const [x, y] = [pixel % side, Math.floor(pixel / side)]
    const depth = Math.max(...discs.map((disc) => disc.radius - Math.hypot(x - disc.x, y - disc.y)))
    const [label, brightness] = depth < 0 ? [0, 1000] : depth < 2 ? [2, 1800] : [1, 3000]
    classes[pixel] = label
    samples[pixel] = brightness + 150 * random.normal()
  }
  return { samples, classes }
}
