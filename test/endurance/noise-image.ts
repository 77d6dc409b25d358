import { TiffWriter } from '../../src/main/imaging/tiff-writer.ts'
import { RandomGenerator } from '../../src/model/random.ts'

/** Writes a 16-bit TIFF of noise and stripes by bands of rows, however large. */
export async function writeNoiseImage(
  path: string,
  width: number,
  height: number,
  seed: number,
): Promise<void> {
  const random = new RandomGenerator(seed)
  const writer = await TiffWriter.create(path, {
    width,
    height,
    sampleType: 'uint16',
    channels: 1,
    frames: 1,
    pixelSize: { x: 0.5, y: 0.5, unit: 'µm' },
    displayRange: [0, 4095],
  })
  const bandRows = 100
  // Noise of its own for each band would take most of the time; each band begins elsewhere in the same.
  const noise = Uint16Array.from({ length: 2 ** 20 }, () => random.nextInteger(256))
  for (let y = 0; y < height; y += bandRows) {
    const rows = Math.min(bandRows, height - y)
    const band = new Uint16Array(rows * width)
    const offset = random.nextInteger(noise.length)
    for (let pixel = 0; pixel < band.length; pixel++) {
      const stripe = (pixel % width) % 200 < 80 ? 3000 : 800
      band[pixel] = stripe + (noise[(pixel + offset) % noise.length] as number)
    }
    await writer.writeRows(band)
  }
  await writer.finish()
}
