import { SegscopeError } from '../errors.ts'
import type { Network } from '../network/network.ts'
import type { Parameter } from '../network/parameters.ts'
import { Hdf5File } from './hdf5-file.ts'
import { adaptInputChannels } from './input-channels.ts'
import { kerasLayouts, type KerasLayout, type KerasPlace } from './keras-layouts.ts'
import { stemKernelName } from './network-ends.ts'
import { elementCount, type NamedTensors, type Tensor } from './tensor.ts'

/**
 * A file that has this share of a layout's layers is taken to be laid out so, and what it lacks is named; below
 * it, it is another network. ResNet50 has 83 % of Keras 3's numbered layers: all but the depthwise ones.
 */
const SHARE_OF_LAYERS = 0.9

/**
 * Reads MobileNetV2's weights from an HDF5 file written by Keras, in whichever layout: weights alone or a whole model,
 * by the first or the later layer names, or Keras 3's numbers. The 1280-channel top is not read.
 *
 * Kernels `(height, width, in, out)` become `[out, in, height, width]`, depthwise kernels `(height, width, channels, 1)`
 * become `[channels, 1, height, width]`; the stem's is fitted to the network's input channels (`adaptInputChannels`).
 * @returns the encoder's parameters, moving statistics among them, in the network's order
 * @throws SegscopeError `file-not-found`, `hdf5-not-recognised`, `hdf5-truncated`, `hdf5-damaged`,
 * `weights-of-another-network`, and naming the layer `weights-layer-missing`, `weights-wrong-shape`, `weights-not-finite`
 */
export async function readKerasEncoder(path: string, network: Network): Promise<NamedTensors> {
  const file = await Hdf5File.open(path)
  try {
    const layout = recogniseLayout(file, network)
    return new Map(
      layout.places.map((place) => [place.parameter.name, readPlace(file, layout, place, network)]),
    )
  } finally {
    file.close()
  }
}

function recogniseLayout(file: Hdf5File, network: Network): KerasLayout {
  const paths = new Set(file.paths)
  const shareThere = (layout: KerasLayout): number => {
    const layers = [...new Set(layout.places.map((place) => place.layer))]
    return layers.filter((layer) => paths.has(layer)).length / layers.length
  }
  const layout = kerasLayouts(network).find((candidate) => shareThere(candidate) >= SHARE_OF_LAYERS)
  if (layout !== undefined) return layout
  const groups = [...new Set(file.paths.map((path) => path.split('/')[0]))]
  throw new SegscopeError(
    'weights-of-another-network',
    `${file.path} does not hold the layers of Keras's MobileNetV2 in any known layout; it holds ${groups.slice(0, 4).join(', ') || 'nothing'}.`,
    { file: file.path, remedy: 'Choose a weights file or a model of MobileNetV2 saved by Keras.' },
  )
}

function readPlace(file: Hdf5File, layout: KerasLayout, place: KerasPlace, network: Network): Tensor {
  const isStem = place.parameter.name === stemKernelName(network)
  const dataSet = findDataSet(file, layout, place)
  checkShape(file, dataSet, place, isStem, network.description.alpha)
  const tensor = file.readFloats(dataSet)
  checkFinite(file, dataSet, place, tensor)
  const planar = fromKeras(tensor, place.parameter)
  return isStem ? adaptInputChannels(planar, network.inputChannels) : planar
}

/** The path of the data set, somewhere below its layer's group. */
function findDataSet(file: Hdf5File, layout: KerasLayout, place: KerasPlace): string {
  const below = file.paths.filter((path) => path.startsWith(`${place.layer}/`))
  const found = below.find((path) => place.dataSets.includes(leafName(path)))
  if (found !== undefined) return found
  const what = file.paths.includes(place.layer)
    ? `The layer ${place.layer} has no ${place.dataSets.join(' or ')}`
    : `The layer ${place.layer} is missing`
  throw new SegscopeError(
    'weights-layer-missing',
    `${what} in ${file.path} (${layout.name}); ${place.parameter.name} with shape [${place.parameter.shape.join(', ')}] was to come from it.`,
    { file: file.path, remedy: 'Choose a file with all layers of MobileNetV2.' },
  )
}

/** The last part of a path, without TensorFlow's `:0`. */
function leafName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/:\d+$/, '')
}

/** The stem takes a file for any number of channels; all else must have exactly the shape that Keras gives it. */
function checkShape(
  file: Hdf5File,
  dataSet: string,
  place: KerasPlace,
  isStem: boolean,
  alpha: number,
): void {
  const expected = kerasShape(place.parameter).map((extent, axis) => (isStem && axis === 2 ? 'any' : extent))
  const { shape, type } = file.describeDataSet(dataSet)
  const fits =
    shape.length === expected.length &&
    shape.every((extent, axis) => extent === expected[axis] || (expected[axis] === 'any' && extent > 0))
  if (fits && type === '<f') return
  const found = fits
    ? `of type ${type}, expected are 32-bit floats (<f)`
    : `(${shape.join(', ')}), expected is (${expected.join(', ')})`
  throw new SegscopeError(
    'weights-wrong-shape',
    `The layer ${place.layer} does not fit: ${dataSet} is ${found}, for ${place.parameter.name} with alpha ${alpha}.`,
    { file: file.path, remedy: `Choose weights of MobileNetV2 with alpha ${alpha}.` },
  )
}

function checkFinite(file: Hdf5File, dataSet: string, place: KerasPlace, tensor: Tensor): void {
  const position = tensor.data.findIndex((value) => !Number.isFinite(value))
  if (position < 0) return
  throw new SegscopeError(
    'weights-not-finite',
    `The layer ${place.layer} holds ${tensor.data[position]} in ${dataSet}; finite numbers were expected.`,
    { file: file.path, remedy: 'The training that wrote this file went wrong; choose another one.' },
  )
}

/** Keras's shape of a parameter. */
function kerasShape({ role, shape }: Parameter): readonly number[] {
  const [first, second, height, width] = shape as [number, number, number, number]
  if (role === 'kernel') return [height, width, second, first]
  if (role === 'depthwise-kernel') return [height, width, first, second]
  return shape
}

/** Keras's order of axes to ours. */
function fromKeras(tensor: Tensor, { role }: Parameter): Tensor {
  if (role !== 'kernel' && role !== 'depthwise-kernel') return tensor
  const [height, width, third, fourth] = tensor.shape as [number, number, number, number]
  const [first, second] = role === 'kernel' ? [fourth, third] : [third, fourth]
  const data = new Float32Array(elementCount(tensor.shape))
  let position = 0
  for (let a = 0; a < first; a++) {
    for (let b = 0; b < second; b++) {
      const offset = role === 'kernel' ? b * fourth + a : a * fourth + b
      for (let pixel = 0; pixel < height * width; pixel++) {
        data[position++] = tensor.data[pixel * third * fourth + offset] as number
      }
    }
  }
  return { shape: [first, second, height, width], data }
}
