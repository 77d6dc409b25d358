import { listParameters, type Parameter } from '../network/parameters.ts'
import type { Network } from '../network/network.ts'

/** Where one parameter of the encoder is kept in a file. */
export interface KerasPlace {
  parameter: Parameter
  /** Path of the Keras layer's group in the file. */
  layer: string
  /** What the data set somewhere below that group may be called, without TensorFlow's `:0`. */
  dataSets: readonly string[]
}

/** One way in which Keras has laid out MobileNetV2 in HDF5. */
export interface KerasLayout {
  /** As messages call it. */
  name: string
  /** One for each parameter of the encoder, in the network's order. */
  places: KerasPlace[]
}

type LayerKind = 'convolution' | 'depthwise' | 'batch-norm'

interface LayoutDefinition {
  name: string
  /**
   * Path of a layer's group.
   * @param scope `stem`, `block_3.expand`, ...
   * @param ordinal counts the layers of one kind from 0, in the network's order
   */
  layer: (scope: string, kind: LayerKind, ordinal: number) => string
  dataSets: Record<Exclude<Parameter['role'], 'transposed-kernel' | 'bias'>, readonly string[]>
}

const namedDataSets: LayoutDefinition['dataSets'] = {
  kernel: ['kernel'],
  'depthwise-kernel': ['depthwise_kernel', 'kernel'],
  gamma: ['gamma'],
  beta: ['beta'],
  'moving-mean': ['moving_mean'],
  'moving-variance': ['moving_variance'],
}

/** `layer.weights` in the order in which Keras's layers make them. */
const numberedDataSets: LayoutDefinition['dataSets'] = {
  kernel: ['0'],
  'depthwise-kernel': ['0'],
  gamma: ['0'],
  beta: ['1'],
  'moving-mean': ['2'],
  'moving-variance': ['3'],
}

const definitions: readonly LayoutDefinition[] = [
  { name: 'weights by the first Keras names', layer: firstName, dataSets: namedDataSets },
  { name: 'weights by the later Keras names', layer: laterName, dataSets: namedDataSets },
  {
    name: 'a whole model by the first Keras names',
    layer: (scope, kind) => `model_weights/${firstName(scope, kind)}`,
    dataSets: namedDataSets,
  },
  {
    name: 'a whole model by the later Keras names',
    layer: (scope, kind) => `model_weights/${laterName(scope, kind)}`,
    dataSets: namedDataSets,
  },
  { name: 'Keras 3 weights', layer: numberedName, dataSets: numberedDataSets },
]

/** `Conv1`, `mobl3_conv_3_expand`, `bn3_conv_3_bn_expand`: the ImageNet files of 2018. */
function firstName(scope: string, kind: LayerKind): string {
  const block = parseBlockScope(scope)
  if (block === undefined) return kind === 'batch-norm' ? 'bn_Conv1' : 'Conv1'
  const { index, step } = block
  return kind === 'batch-norm' ? `bn${index}_conv_${index}_bn_${step}` : `mobl${index}_conv_${index}_${step}`
}

/** `Conv1`, `expanded_conv_project`, `block_3_expand`, `block_3_expand_BN`: `keras.applications` since. */
function laterName(scope: string, kind: LayerKind): string {
  const block = parseBlockScope(scope)
  if (block === undefined) return kind === 'batch-norm' ? 'bn_Conv1' : 'Conv1'
  const prefix = block.index === 0 ? 'expanded_conv' : `block_${block.index}`
  return `${prefix}_${block.step}${kind === 'batch-norm' ? '_BN' : ''}`
}

/** `layers/conv2d`, `layers/conv2d_1`, ...: Keras 3 counts the layers of each class. */
function numberedName(_scope: string, kind: LayerKind, ordinal: number): string {
  const className = {
    convolution: 'conv2d',
    depthwise: 'depthwise_conv2d',
    'batch-norm': 'batch_normalization',
  }[kind]
  return `layers/${className}${ordinal === 0 ? '' : `_${ordinal}`}`
}

/** The parts of `block_3.expand`; undefined for the stem. */
function parseBlockScope(scope: string): { index: number; step: string } | undefined {
  const match = /^block_(\d+)\.(\w+)$/.exec(scope)
  return match === null ? undefined : { index: Number(match[1]), step: match[2] as string }
}

/** All layouts, for the encoder of this network. */
export function kerasLayouts(network: Network): KerasLayout[] {
  const parameters = listParameters(network).filter((parameter) => parameter.part === 'encoder')
  return definitions.map((definition) => ({
    name: definition.name,
    places: placesOf(parameters, definition),
  }))
}

function placesOf(parameters: readonly Parameter[], definition: LayoutDefinition): KerasPlace[] {
  const scopes: Record<LayerKind, string[]> = { convolution: [], depthwise: [], 'batch-norm': [] }
  return parameters.map((parameter) => {
    const { role } = parameter
    if (role === 'transposed-kernel' || role === 'bias') {
      throw new Error(`Keras's MobileNetV2 has nothing like ${parameter.name}.`)
    }
    const kind = role === 'kernel' ? 'convolution' : role === 'depthwise-kernel' ? 'depthwise' : 'batch-norm'
    const scope = parameter.name.slice(0, parameter.name.lastIndexOf('.'))
    if (scopes[kind].at(-1) !== scope) scopes[kind].push(scope)
    const layer = definition.layer(scope, kind, scopes[kind].length - 1)
    return { parameter, layer, dataSets: definition.dataSets[role] }
  })
}
