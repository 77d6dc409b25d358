import type { Fingerprint, ImageFacts } from './fingerprint.ts'

/** The images of which anything is labelled: those that training sees. */
export function labelledImages({ images }: Pick<Fingerprint, 'images'>): ImageFacts[] {
  return images.filter((image) => image.labelled > 0)
}

/** Pixels of these images, labelled or not. */
export function areaOf(images: readonly Pick<ImageFacts, 'width' | 'height'>[]): number {
  return images.reduce((sum, { width, height }) => sum + width * height, 0)
}
