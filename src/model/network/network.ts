/** Which part of the network a layer belongs to; the encoder can be frozen. */
export type NetworkPart = 'encoder' | 'decoder'

interface LayerBase {
  /** Unique in the network; also the name of the layer's output. Parameters are named `<scope>.<parameter>`. */
  name: string
  part: NetworkPart
  /** Names of the layers (or 'input') whose outputs this one takes. */
  inputs: readonly string[]
  /** Channels of the output. */
  channels: number
}

/** `kernel`: `[out, in, kh, kw]`; `[channels, 1, kh, kw]` where depthwise. No bias: a batch norm follows. */
export interface ConvolutionLayer extends LayerBase {
  kind: 'convolution'
  scope: string
  kernelSize: number
  stride: number
  /** Zeros before and after, in both directions. Keras pads a stride-2 3x3 convolution of an even size by (0, 1). */
  padding: readonly [before: number, after: number]
  depthwise: boolean
}

/** `kernel`: `[in, out, kh, kw]`, output exactly twice the input (4x4, stride 2, padding 1); `bias`: `[out]`. */
export interface TransposedConvolutionLayer extends LayerBase {
  kind: 'transposed-convolution'
  scope: string
  kernelSize: 4
  stride: 2
  bias: boolean
}

/** `gamma`, `beta`, `moving_mean`, `moving_variance`: `[channels]`. */
export interface BatchNormLayer extends LayerBase {
  kind: 'batch-norm'
  scope: string
  epsilon: number
}

export interface ActivationLayer extends LayerBase {
  kind: 'relu' | 'relu6'
}

/** In training each value is zeroed with this probability and the rest divided by (1 - rate). */
export interface DropoutLayer extends LayerBase {
  kind: 'dropout'
  rate: number
}

export interface AddLayer extends LayerBase {
  kind: 'add'
}

/** Along the channels, in the order of `inputs`. */
export interface ConcatenateLayer extends LayerBase {
  kind: 'concatenate'
}

export type Layer =
  | ConvolutionLayer
  | TransposedConvolutionLayer
  | BatchNormLayer
  | ActivationLayer
  | DropoutLayer
  | AddLayer
  | ConcatenateLayer

/** A place in the encoder whose output a decoder can use. */
export interface FeatureTap {
  layer: string
  channels: number
  /** Pixels of the input a pixel of this output stands for, in one direction: 2, 4, ... */
  reduction: number
}

/** A network as data: layers in the order of execution. Engines compile it; nothing else knows its operators. */
export interface Network {
  /** Enough to build the same network again: kept in checkpoints. */
  description: NetworkDescription
  inputChannels: number
  classes: number
  /** Heights and widths must be multiples of this. */
  stride: number
  layers: readonly Layer[]
  /** Name of the layer that gives the logits. */
  output: string
  taps: readonly FeatureTap[]
}

/** What a network is made of, as kept in plans and checkpoints. */
export interface NetworkDescription {
  encoder: string
  /** Width multiplier of the encoder. */
  alpha: number
  decoder: string
  inputChannels: number
  classes: number
  dropout: number
}
