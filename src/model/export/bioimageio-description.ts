import { OPERATOR_SET } from '../engine/onnxruntime/onnx-model.ts'
import type { Plan } from '../plan/plan.ts'
import type { Checkpoint } from '../weights/checkpoint.ts'

/** What a person says of a model that is given away. */
export interface ModelCitation {
  name: string
  description: string
  authors: readonly string[]
  /** SPDX identifier, as CC-BY-4.0. */
  license: string
}

/** A file of the package. */
export interface PackagedFile {
  source: string
  sha256: string
}

/**
 * Smallest height and width in the description, and how many pixels at a tile's border are not to be trusted: a
 * compromise, as a halo sets the smallest image. Segscope itself leaves out 256 pixels.
 */
export const SMALLEST_TILE = 192
const HALO = 64

/** Added to the range that values are divided by: much less than any camera's step. */
export const RANGE_EPSILON = 1e-9

/**
 * The `rdf.yaml` of a BioImage.IO model package, as an object: model description format 0.5
 * (https://github.com/bioimage-io/spec-bioimage-io).
 */
export function describeForBioImageIO(
  { header, network }: Checkpoint,
  citation: ModelCitation,
  files: Record<'weights' | 'testInput' | 'testOutput', PackagedFile>,
): Record<string, unknown> {
  const { plan, segscopeVersion, experiment, step, createdAt } = header
  const space = ['y', 'x']
  return {
    format_version: '0.5.4',
    type: 'model',
    name: citation.name,
    description: citation.description,
    authors: citation.authors.map((name) => ({ name })),
    cite: [
      {
        text: 'Ronneberger, O., Fischer, P., Brox, T. U-Net: Convolutional Networks for Biomedical Image Segmentation. MICCAI 2015.',
        doi: '10.1007/978-3-319-24574-4_28',
      },
      {
        text: 'Sandler, M., Howard, A., Zhu, M., Zhmoginov, A., Chen, L.-C. MobileNetV2: Inverted Residuals and Linear Bottlenecks. CVPR 2018.',
        doi: '10.1109/CVPR.2018.00474',
      },
    ],
    license: citation.license,
    documentation: 'README.md',
    covers: ['cover.png'],
    tags: ['segmentation', 'semantic-segmentation', 'unet', 'microscopy', '2d', 'segscope'],
    timestamp: createdAt,
    inputs: [
      {
        id: 'image',
        description: 'The image as the microscope made it',
        axes: [
          { type: 'batch' },
          {
            type: 'channel',
            channel_names: Array.from({ length: network.inputChannels }, (_, index) => `channel${index}`),
          },
          ...space.map((id) => ({ type: 'space', id, size: { min: SMALLEST_TILE, step: network.stride } })),
        ],
        data: { type: 'float32' },
        test_tensor: files.testInput,
        preprocessing: preprocessing(plan),
      },
    ],
    outputs: [
      {
        id: 'probabilities',
        description: 'The probability of each class; the largest one is the class of the pixel',
        axes: [
          { type: 'batch' },
          { type: 'channel', channel_names: channelNames(plan.classNames) },
          ...space.map((id) => ({
            type: 'space',
            id,
            size: { tensor_id: 'image', axis_id: id },
            halo: HALO,
          })),
        ],
        data: { type: 'float32', range: [0, 1] },
        test_tensor: files.testOutput,
        postprocessing: [],
      },
    ],
    weights: { onnx: { ...files.weights, opset_version: OPERATOR_SET } },
    config: {
      segscope: {
        version: segscopeVersion,
        experiment,
        step,
        class_names: plan.classNames,
        normalisation: plan.normalisation,
        image_scale: plan.imageScale,
      },
    },
  }
}

/** What the graph leaves to the program that runs it: `2 * (value - low) / (high - low) - 1`. */
function preprocessing({ normalisation: { scope, channels } }: Plan): Record<string, unknown>[] {
  const scale = (values: { gain: number; offset: number }[]): Record<string, unknown> => ({
    id: 'scale_linear',
    kwargs:
      values.length === 1
        ? values[0]
        : {
            axis: 'channel',
            gain: values.map(({ gain }) => gain),
            offset: values.map(({ offset }) => offset),
          },
  })
  if (scope === 'image') {
    const range = { min_percentile: 0.5, max_percentile: 99.5, axes: ['y', 'x'], eps: RANGE_EPSILON }
    return [{ id: 'scale_range', kwargs: range }, scale([{ gain: 2, offset: -1 }])]
  }
  return [
    scale(
      channels.map(({ low, high }) => ({ gain: 2 / (high - low), offset: (-2 * low) / (high - low) - 1 })),
    ),
  ]
}

/** The format wants them short, of letters, digits and underscores, and each once. */
function channelNames(classNames: readonly string[]): string[] {
  const names = classNames.map(
    (name) =>
      name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '_')
        .replace(/^[_0-9]+|_$/g, '') || 'class',
  )
  return names.map((name, index) => (names.indexOf(name) === index ? name : `${name}_${index}`))
}
