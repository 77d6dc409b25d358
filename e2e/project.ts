import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

/** Writes small 16-bit images: spots on a dim ground, each image its own. */
export async function writeImages(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (let index = 0; index < count; index++) {
    const [width, height] = [97 + index, 61]
    const samples = Uint16Array.from({ length: width * height }, (_, at) =>
      Math.hypot((at % width) - 20 - index, Math.floor(at / width) - 30) < 8 ? 3000 : 200 + (at % 7),
    )
    const picture = sharp(samples, { raw: { width, height, channels: 1 } }).toColourspace('grey16')
    await writeFile(join(folder, `plate_${index + 1}.png`), await picture.png().toBuffer())
  }
}
