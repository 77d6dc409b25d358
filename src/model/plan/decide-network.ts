import type { Decided } from './decided.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { Plan } from './plan.ts'
import { percent } from './words.ts'

/** From this many steps on a network can learn its few training images by heart. */
const longRun = 3000
/** With fewer patches a batch's own statistics are too rough to undo those that trained weights came with. */
const fewestForBatchStatistics = 4

/** Encoder, decoder and channels; dropout is decided with the steps. */
export function decideNetwork(
  fingerprint: Fingerprint,
  decoder: string,
): Decided<Omit<Plan['network'], 'dropout'>> {
  const value = {
    encoder: 'mobilenet-v2',
    alpha: 1,
    decoder,
    inputChannels: fingerprint.channels,
    classes: fingerprint.classes.length,
  }
  return {
    value,
    decision: `${value.encoder} with the ${value.decoder} decoder, ${value.inputChannels} channel${value.inputChannels === 1 ? '' : 's'} in, ${value.classes} classes out`,
    reason: reasonForChannels(fingerprint),
  }
}

function reasonForChannels({ images, channels }: Fingerprint): string {
  const colourImages = images.filter((image) => image.colour).length
  if (colourImages === images.length) return 'All images are in colour.'
  if (colourImages > 0)
    return `${colourImages} of ${images.length} images are in colour; grey ones count as three equal channels.`
  if (images.some((image) => image.channels === 3) && channels === 1) {
    return 'The images are grey: where they are stored as RGB, the three channels are equal.'
  }
  return channels === 1 ? 'All images are grey.' : `The images have ${channels} channels.`
}

/** Pix2Pix's dropout where the run is long; less of it otherwise. */
export function decideDropout(steps: number): Decided<number> {
  const value = steps < longRun ? 0.2 : 0.5
  return {
    value,
    decision: `${percent(value)} of the deepest decoder features are left out at random`,
    reason:
      steps < longRun
        ? 'A short run has too few steps to learn its images by heart, and half, as in Pix2Pix, would slow it down.'
        : "Pix2Pix's own rate: a long run could learn its images by heart.",
  }
}

/** Whether batch norm normalises with the batch's statistics, or with those that the weights came with. */
export function decideBatchNorm(pretrained: boolean, batchSize: number): Decided<Plan['batchNorm']> {
  if (pretrained && batchSize < fewestForBatchStatistics) {
    return {
      value: 'frozen',
      decision: 'keeps the statistics that the weights came with',
      reason: `${batchSize} patches a step are too few for better ones.`,
    }
  }
  return {
    value: 'batch',
    decision: "normalises with each batch's own statistics",
    reason:
      'The images differ from those the weights may have seen. A frozen encoder keeps its own all the same.',
  }
}
