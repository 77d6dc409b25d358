import type { BatchNormLayer, Layer, Network } from '../../network/network.ts'
import { listParameters, type Parameter } from '../../network/parameters.ts'
import { elementCount, type NamedTensors } from '../../weights/tensor.ts'
import type { TrainerOptions } from '../engine.ts'
import { blockOf, divideIntoBlocks, type StateBlock } from '../state-blocks.ts'
import { GraphBuilder, type Value } from './graph-builder.ts'
import { extentFactors } from './inference-graph.ts'
import { addInferenceLayers } from './inference-layers.ts'
import { tensorFlowShape } from './kernel-layout.ts'
import type { GraphNode } from './saved-model.ts'
import { segmentationLoss } from './segmentation-loss.ts'
import {
  type Activation,
  type Operation,
  type Shape,
  trainedActivation,
  trainedAddition,
  trainedBatchNorm,
  trainedConcatenation,
  trainedConvolution,
  trainedDropout,
  trainedTransposedConvolution,
} from './training-layers.ts'
import { type Variable, Variables } from './variables.ts'

/** Names of the variables of one block of the state. */
export const stateNames = {
  weights: (block: string): string => `weights/${block}`,
  firstMoment: (block: string): string => `first_moment/${block}`,
  secondMoment: (block: string): string => `second_moment/${block}`,
}

/** What each step is fed. */
export const stepInputs = {
  images: 'images',
  labels: 'labels',
  pixelWeights: 'pixel_weights',
  /** With soft Dice only. */
  labelled: 'labelled',
  /** 1 - learning rate * weight decay */
  decay: 'decay',
  /** learning rate * sqrt(1 - beta2^t) / (1 - beta1^t) */
  stepSize: 'step_size',
  /** epsilon * sqrt(1 - beta2^t) */
  epsilon: 'scaled_epsilon',
}

/** What each step gives; `loss` is fetched to have the step done. */
export const stepOutputs = { loss: 'loss', gradientNorm: 'gradient_norm', logits: 'logits' }

/** A dropout mask that each step needs. */
export interface DropoutMask {
  name: string
  shape: Shape
  rate: number
}

export interface TrainingGraph {
  nodes: readonly GraphNode[]
  /** What trains. */
  trained: readonly StateBlock[]
  /** Moving statistics that this run reads, a block each; it changes them where `moves`. */
  statistics: readonly StateBlock[]
  moves: boolean
  dropoutMasks: readonly DropoutMask[]
}

/** The shape of a block's variables: TensorFlow's of a parameter that is alone, flat otherwise. */
export function blockShape({ size, members }: StateBlock): readonly number[] {
  const [first, second] = members
  return first !== undefined && second === undefined ? tensorFlowShape(first.parameter) : [size]
}

type OptionsOfGraph = Omit<TrainerOptions, 'threads' | 'classWeights'>

/**
 * Builds one whole training step: forward, loss, backward, clipping and AdamW, with the state in variables. What is frozen is built as
 * for inference, with its weights as constants.
 * @param weights of the whole network; only those of a frozen encoder are used
 */
export function buildTrainingGraph(
  network: Network,
  weights: NamedTensors,
  options: OptionsOfGraph,
): TrainingGraph {
  return new TrainingGraphCompiler(network, options).compile(weights)
}

interface TrainedBlock {
  block: StateBlock
  weights: Variable
  first: Variable
  second: Variable
}

class TrainingGraphCompiler {
  readonly #builder = new GraphBuilder()
  readonly #variables = new Variables(this.#builder)
  readonly #network: Network
  readonly #options: OptionsOfGraph
  readonly #parameters = new Map<string, Parameter>()
  readonly #values = new Map<string, Value>()
  readonly #blocks: TrainedBlock[] = []
  readonly #statistics = new Map<string, Variable>()
  readonly #activations = new Map<string, Activation>()
  readonly #operations: { layer: Layer; operation: Operation }[] = []
  readonly #moved: { variable: Variable; value: Value }[] = []
  readonly #dropoutMasks: DropoutMask[] = []

  constructor(network: Network, options: OptionsOfGraph) {
    this.#network = network
    this.#options = options
    for (const parameter of listParameters(network)) this.#parameters.set(parameter.name, parameter)
  }

  compile(weights: NamedTensors): TrainingGraph {
    const builder = this.#builder
    const { batch, height, width, batchNorm } = this.#options
    const { inputChannels } = this.#network
    const pixels = batch * height * width
    const images = builder.placeholder(stepInputs.images, [batch, inputChannels, height, width])
    const labels = builder.placeholder(stepInputs.labels, [pixels], 'int32')
    const pixelWeights = builder.placeholder(stepInputs.pixelWeights, [pixels])
    for (const block of divideIntoBlocks(
      [...this.#parameters.values()].filter((parameter) => parameter.trained && this.#trains(parameter)),
    )) {
      this.#addBlock(block)
    }

    const image = builder.transpose(images, [0, 2, 3, 1])
    if (this.#options.freezeEncoder) this.#addFrozenEncoder(image, weights)
    else this.#activations.set('input', { value: image, shape: [batch, height, width, inputChannels] })
    for (const layer of this.#network.layers) {
      if (this.#trains(layer)) this.#addLayer(layer)
    }

    const logits = this.#activation(this.#network.output)
    const labelled = (): Value => builder.placeholder(stepInputs.labelled, [pixels])
    const { loss, gradient } = segmentationLoss(
      builder,
      logits,
      { labels, pixelWeights, labelled },
      this.#options.diceWeight,
    )
    builder.output(stepOutputs.logits, builder.transpose(logits.value, [0, 3, 1, 2]))
    const { norm, updates } = this.#addOptimiser(this.#addBackward(gradient))
    builder.output(stepOutputs.loss, loss, updates)
    builder.output(stepOutputs.gradientNorm, norm)
    this.#variables.finish()
    return {
      nodes: builder.nodes,
      trained: this.#blocks.map(({ block }) => block),
      statistics: [...this.#statistics.keys()].map((name) =>
        blockOf(name, [this.#parameters.get(name) as Parameter]),
      ),
      moves: batchNorm === 'batch',
      dropoutMasks: this.#dropoutMasks,
    }
  }

  #trains({ part }: Pick<Layer, 'part'>): boolean {
    return part === 'decoder' || !this.#options.freezeEncoder
  }

  /** Makes a block of the state three variables, and its members values of TensorFlow's shapes. */
  #addBlock(block: StateBlock): void {
    const { name, members } = block
    const alone = members.length === 1 ? members[0]?.parameter : undefined
    const shape = blockShape(block)
    const weights = this.#variables.add(stateNames.weights(name), shape)
    this.#blocks.push({
      block,
      weights,
      first: this.#variables.add(stateNames.firstMoment(name), shape),
      second: this.#variables.add(stateNames.secondMoment(name), shape),
    })
    if (alone !== undefined) {
      this.#values.set(alone.name, weights.value)
      return
    }
    const sizes = members.map(({ parameter }) => elementCount(parameter.shape))
    const pieces = this.#builder.split(weights.value, sizes, 0)
    members.forEach(({ parameter }, index) => {
      this.#values.set(
        parameter.name,
        this.#builder.reshape(pieces[index] as Value, tensorFlowShape(parameter)),
      )
    })
  }

  #activation(name: string): Activation {
    const activation = this.#activations.get(name)
    if (activation === undefined) throw new Error(`Layer ${name} has no output yet.`)
    return activation
  }

  #parameter(name: string): { value: Value; shape: readonly number[] } {
    const value = this.#values.get(name)
    const parameter = this.#parameters.get(name)
    if (value === undefined || parameter === undefined) throw new Error(`Nothing called ${name} trains.`)
    return { value, shape: tensorFlowShape(parameter) }
  }

  #statistic(name: string, shape: readonly number[]): Variable {
    const variable = this.#variables.add(stateNames.weights(name), shape)
    this.#statistics.set(name, variable)
    return variable
  }

  #addFrozenEncoder(image: Value, weights: NamedTensors): void {
    const { batch, height, width } = this.#options
    const layers = this.#network.layers.filter((layer) => layer.part === 'encoder')
    const values = addInferenceLayers(this.#builder, this.#network, layers, weights, image, (layer) => {
      throw new Error(`The encoder has a transposed convolution, ${layer.name}.`)
    })
    const factors = extentFactors(this.#network)
    for (const { layer, channels } of this.#network.taps) {
      const factor = factors.get(layer) as number
      const shape: Shape = [batch, height * factor, width * factor, channels]
      this.#activations.set(layer, { value: values.get(layer) as Value, shape })
    }
  }

  #addLayer(layer: Layer): void {
    const operation = this.#operationOf(layer)
    this.#activations.set(layer.name, operation.output)
    this.#operations.push({ layer, operation })
  }

  #operationOf(layer: Layer): Operation {
    const builder = this.#builder
    const [input, other] = layer.inputs.map((name) => this.#activation(name)) as [Activation, Activation]
    switch (layer.kind) {
      case 'convolution': {
        const kernel = this.#parameter(`${layer.scope}.kernel`)
        return trainedConvolution(builder, input, kernel.value, kernel.shape, layer)
      }
      case 'transposed-convolution': {
        const kernel = this.#parameter(`${layer.scope}.kernel`)
        const bias = layer.bias ? this.#parameter(`${layer.scope}.bias`).value : undefined
        return trainedTransposedConvolution(builder, input, kernel.value, kernel.shape, bias, layer.channels)
      }
      case 'batch-norm':
        return this.#addBatchNorm(layer, input)
      case 'relu':
      case 'relu6':
        return trainedActivation(builder, layer.kind, input)
      case 'dropout': {
        const mask = { name: layer.name, shape: input.shape, rate: layer.rate }
        this.#dropoutMasks.push(mask)
        return trainedDropout(builder, input, builder.placeholder(mask.name, mask.shape))
      }
      case 'add':
        return trainedAddition(builder, input, other)
      case 'concatenate':
        return trainedConcatenation(
          builder,
          layer.inputs.map((name) => this.#activation(name)),
        )
    }
  }

  #addBatchNorm({ scope, channels, epsilon }: BatchNormLayer, input: Activation): Operation {
    const mean = this.#statistic(`${scope}.moving_mean`, [channels])
    const variance = this.#statistic(`${scope}.moving_variance`, [channels])
    const operation = trainedBatchNorm(
      this.#builder,
      input,
      {
        gamma: this.#parameter(`${scope}.gamma`).value,
        beta: this.#parameter(`${scope}.beta`).value,
        movingMean: mean.value,
        movingVariance: variance.value,
      },
      epsilon,
      this.#options.batchNorm === 'batch' ? this.#options.batchNormMomentum : undefined,
    )
    if (operation.moved !== undefined) {
      this.#moved.push(
        { variable: mean, value: operation.moved.mean },
        { variable: variance, value: operation.moved.variance },
      )
    }
    return operation
  }

  /** Walks the operations backwards. @returns gradients by the parameters' values */
  #addBackward(logitsGradient: Value): Map<Value, Value> {
    const produced = new Set(this.#operations.map(({ layer }) => layer.name))
    const upstream = new Map([[this.#network.output, [logitsGradient]]])
    const gradients = new Map<Value, Value>()
    for (const { layer, operation } of [...this.#operations].reverse()) {
      const parts = upstream.get(layer.name)
      if (parts === undefined) throw new Error(`Nothing uses the output of ${layer.name}.`)
      const needed = layer.inputs.some((name) => produced.has(name))
      const result = operation.backward(this.#builder.sum(parts), needed)
      for (const [parameter, value] of result.parameters) gradients.set(parameter, value)
      layer.inputs.forEach((name, index) => {
        const value = result.inputs[index]
        if (value === undefined || !produced.has(name)) return
        upstream.set(name, [...(upstream.get(name) ?? []), value])
      })
    }
    return gradients
  }

  /** AdamW (docs of the other engine's `adamw.ts`): the decay first, then TensorFlow's fused Adam with the bias corrections fed. */
  #addOptimiser(gradients: ReadonlyMap<Value, Value>): { norm: Value; updates: Value[] } {
    const builder = this.#builder
    const { beta1, beta2, clipNorm, weightDecay } = this.#options
    const float = { T: { type: 'float' } } as const
    const ofBlocks = this.#blocks.map(({ block }) => this.#gradientOf(block, gradients))
    const squares = ofBlocks.map((gradient) => builder.node('L2Loss', [gradient], float))
    const total = builder.binary('Mul', builder.sum(squares), builder.constant(2))
    const norm = builder.node('Sqrt', [total], float)
    const clipping = clipNorm === undefined ? undefined : this.#clippingFactor(norm, clipNorm)
    const decay = builder.placeholder(stepInputs.decay, [])
    const stepSize = builder.placeholder(stepInputs.stepSize, [])
    const epsilon = builder.placeholder(stepInputs.epsilon, [])

    // Nothing changes before the norm is there, which needs all gradients: a step that fails leaves the state as it was.
    const updates = this.#moved.map(({ variable, value }) =>
      this.#variables.assign(variable.handle, value, [norm]),
    )
    this.#blocks.forEach(({ weights, first, second }, index) => {
      const gradient = ofBlocks[index] as Value
      const clipped = clipping === undefined ? gradient : builder.binary('Mul', gradient, clipping)
      const decayed =
        weightDecay === 0
          ? undefined
          : this.#variables.assign(weights.handle, builder.binary('Mul', weights.value, decay), [norm])
      updates.push(
        builder.node(
          'ResourceApplyAdam',
          [
            weights.handle,
            first.handle,
            second.handle,
            builder.constant(0),
            builder.constant(0),
            stepSize,
            builder.constant(beta1),
            builder.constant(beta2),
            epsilon,
            clipped,
          ],
          float,
          { after: [decayed ?? norm] },
        ),
      )
    })
    return { norm, updates }
  }

  #gradientOf({ members }: StateBlock, gradients: ReadonlyMap<Value, Value>): Value {
    const pieces = members.map(({ parameter }) => {
      const gradient = gradients.get(this.#parameter(parameter.name).value) as Value
      return members.length === 1
        ? gradient
        : this.#builder.reshape(gradient, [elementCount(parameter.shape)])
    })
    return this.#builder.concatenate(pieces, 0)
  }

  /** min(1, clipNorm / norm), as PyTorch's `clip_grad_norm_` (with its 1e-6). */
  #clippingFactor(norm: Value, clipNorm: number): Value {
    const builder = this.#builder
    const guarded = builder.binary('AddV2', norm, builder.constant(1e-6))
    const ratio = builder.binary('RealDiv', builder.constant(clipNorm), guarded)
    return builder.binary('Minimum', ratio, builder.constant(1))
  }
}
