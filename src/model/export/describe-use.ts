import { shrinkFactor } from '../images/shrink.ts'
import { samplesPerImage } from '../plan/sample-pixels.ts'
import type { Checkpoint } from '../weights/checkpoint.ts'
import { smallestExtent } from './exchange-graph.ts'

/**
 * How to use an exported network, in Markdown: what goes in, what comes out, and a script that does it.
 * @param file the ONNX file's name
 */
export function describeUse(checkpoint: Checkpoint, file: string): string {
  const { header, network } = checkpoint
  const { plan } = header
  const channels = plan.normalisation.channels.map(
    ({ low, high }, channel) => `channel ${channel}: ${low} to ${high}`,
  )
  return `A network for semantic segmentation, trained with Segscope ${header.segscopeVersion}: experiment ${header.experiment}, step ${header.step}.

## In and out

- Input \`image\`: float32, \`[batch, ${network.inputChannels}, height, width]\`, any height and width from ${smallestExtent(network, plan.imageScale)} pixels on.
- Output \`probabilities\`: float32, \`[batch, ${network.classes}, height, width]\`; the largest one is the class.

| class | name | Dice on validation images |
| --- | --- | --- |
${plan.classNames.map((name, value) => `| ${value} | ${name} | ${scoreText(header.scores?.dice[value])} |`).join('\n')}

## Before the network

\`image = 2 * (value - low) / (high - low) - 1\`, channel by channel, computed in double precision and stored as float32.
${
  plan.normalisation.scope === 'data set'
    ? `The same range for every image, ${channels.join('; ')}.`
    : "low and high are each image's own 0.5 % and 99.5 % quantiles, channel by channel, as in the script: hot pixels do not move them."
}
Values that are no number become -1. Grey is repeated where the network takes more channels; colour becomes grey by
0.299 R + 0.587 G + 0.114 B where it takes one.

Everything else is in the file: clipping to ±3${plan.imageScale === 1 ? '' : `, shrinking the image to ${plan.imageScale} of its size and enlarging the result again`}, padding by reflection to multiples of ${network.stride}, softmax.

Images too large for memory are cut into tiles; Segscope throws 256 pixels away at their inner borders, where the network
misses what lies beyond.

## With Python

\`python segment.py IMAGE.tif CLASSES.tif\` writes the same label map as Segscope; it needs numpy, onnxruntime and tifffile.

\`\`\`python
${script(checkpoint, file)}\`\`\`
`
}

function scoreText(score: number | undefined): string {
  return score === undefined || Number.isNaN(score) ? '' : score.toFixed(3)
}

function script({ header, network }: Checkpoint, file: string): string {
  const { normalisation, imageScale } = header.plan
  const factor = shrinkFactor(imageScale)
  const rangeCode =
    normalisation.scope === 'data set'
      ? `low = np.array(${JSON.stringify(normalisation.channels.map(({ low }) => low))})
high = np.array(${JSON.stringify(normalisation.channels.map(({ high }) => high))})
`
      : `${factor === 1 ? 'seen = image' : shrinkCode(factor)}

def robust_range(channel):
    values = channel.ravel()[:: -(-channel.size // ${samplesPerImage}) | 1].astype(np.float32)
    values = np.sort(values[np.isfinite(values)]).astype(float)
    low, high = (values[min(len(values) - 1, int(share * len(values)))] for share in (0.005, 0.995))
    return low, high if high > low else low + 1

low, high = np.array([robust_range(channel) for channel in seen]).T
`
  return `import sys
import numpy as np, onnxruntime, tifffile

image = tifffile.imread(sys.argv[1]).astype(float)
image = image if image.ndim == 3 else image[np.newaxis]  # [channels, height, width]
${network.inputChannels === 1 ? '' : `if len(image) == 1:\n    image = np.repeat(image, ${network.inputChannels}, axis=0)\n`}${rangeCode}
low, high = low[:, np.newaxis, np.newaxis], high[:, np.newaxis, np.newaxis]
image = (image - low) * (2 / (high - low)) - 1
image = np.where(np.isnan(image), -1, image).astype(np.float32)
session = onnxruntime.InferenceSession(${JSON.stringify(file)}, providers=["CPUExecutionProvider"])
probabilities, = session.run(["probabilities"], {"image": image[np.newaxis]})
tifffile.imwrite(sys.argv[2], probabilities[0].argmax(axis=0).astype(np.uint8))
`
}

/** The mean of factor x factor pixels, of fewer at the right and lower border. */
function shrinkCode(factor: number): string {
  return `rows, columns = np.arange(0, image.shape[1], ${factor}), np.arange(0, image.shape[2], ${factor})
cells = lambda values: np.add.reduceat(np.add.reduceat(values, rows, axis=1), columns, axis=2)
seen = (cells(image) / cells(np.ones_like(image))).astype(np.float32)`
}
