import type { BatchNormLayer, Layer, Network } from '../../network/network.ts'
import { listParameters, type Parameter } from '../../network/parameters.ts'
import { elementCount, type NamedTensors } from '../../weights/tensor.ts'
import type { TrainerOptions } from '../engine.ts'
import { GraphBuilder, type Value } from './graph-builder.ts'
import { addInferenceLayers } from './inference-layers.ts'
import type { OnnxGraph } from './onnx-model.ts'
import { relu, relu6 } from './operators/activations.ts'
import { adamW, gradientNorm, type StepScale } from './operators/adamw.ts'
import { batchNorm } from './operators/batch-norm.ts'
import { depthwiseConvolution } from './operators/depthwise-convolution.ts'
import { dropout } from './operators/dropout.ts'
import { fullConvolution } from './operators/full-convolution.ts'
import { add, concatenate } from './operators/junctions.ts'
import { type Activation, asMatrix, type Operation, pixelCount } from './operators/operator.ts'
import { pointwiseConvolution } from './operators/pointwise-convolution.ts'
import { segmentationLoss } from './operators/segmentation-loss.ts'
import { transposedConvolution } from './operators/transposed-convolution.ts'
import { blockOf, divideIntoBlocks, type StateBlock } from '../state-blocks.ts'

/** Names of the graph's inputs and outputs for one block of the state. */
export const stateNames = {
  firstMoment: (block: string): string => `first_moment/${block}`,
  secondMoment: (block: string): string => `second_moment/${block}`,
  /** The output that holds what an input becomes in this step. */
  next: (input: string): string => `next/${input}`,
}

/** Scalars that change from step to step, inputs of the graph. */
export const stepInputs = {
  decay: 'decay',
  stepSize: 'step_size',
  epsilon: 'scaled_epsilon',
}

/** A dropout mask that each step needs, `[channels, batch, height, width]`. */
export interface DropoutMask {
  name: string
  shape: readonly number[]
  rate: number
}

export interface TrainingGraph {
  /** One step. */
  graph: OnnxGraph
  /** What trains: each block, and its two moments, is an input and an output. */
  trained: readonly StateBlock[]
  /** Moving statistics that this run changes, a block each: inputs and outputs. */
  moved: readonly StateBlock[]
  dropoutMasks: readonly DropoutMask[]
}

type OptionsOfGraph = Omit<TrainerOptions, 'threads'>

/**
 * Builds one whole training step: forward, loss, backward, clipping and AdamW. Inputs: `images` `[batch, channels, height,
 * width]`, `labels` `[batch, height, width]` (8-bit), the step's scalars, dropout masks, parameters and moments in flat blocks. Outputs:
 * `loss`, `gradient_norm`, `logits` `[classes, batch * height * width]`, and the next state.
 *
 * What is frozen is built as for inference, with its weights as constants: it costs a forward pass and no more.
 * @param weights of the whole network; only those of a frozen encoder are used
 */
export function buildTrainingGraph(
  network: Network,
  weights: NamedTensors,
  options: OptionsOfGraph,
): TrainingGraph {
  const compiler = new TrainingGraphCompiler(network, options)
  return compiler.compile(weights)
}

class TrainingGraphCompiler {
  readonly #builder = new GraphBuilder()
  readonly #network: Network
  readonly #options: OptionsOfGraph
  readonly #parameters = new Map<string, Parameter>()
  readonly #values = new Map<string, Value>()
  readonly #blocks: readonly StateBlock[]
  readonly #blockInputs = new Map<string, Value>()
  readonly #activations = new Map<string, Activation>()
  /** What takes part in the backward pass, by the layer's name, in the order of execution. */
  readonly #operations = new Map<string, { layer: Layer; operation: Operation }>()
  readonly #moved: Parameter[] = []
  readonly #dropoutMasks: DropoutMask[] = []

  constructor(network: Network, options: OptionsOfGraph) {
    this.#network = network
    this.#options = options
    for (const parameter of listParameters(network)) this.#parameters.set(parameter.name, parameter)
    this.#blocks = divideIntoBlocks(
      [...this.#parameters.values()].filter(({ trained, part }) => trained && this.#trains({ part })),
    )
  }

  compile(weights: NamedTensors): TrainingGraph {
    const builder = this.#builder
    const { batch, height, width } = this.#options
    const images = builder.input('images', [batch, this.#network.inputChannels, height, width])
    const labels = builder.input('labels', [batch, height, width], 'uint8')
    for (const block of this.#blocks) this.#addBlock(block)

    if (this.#options.freezeEncoder) this.#addFrozenEncoder(images, weights)
    else
      this.#activations.set('input', this.#channelsFirst(images, this.#network.inputChannels, height, width))
    for (const layer of this.#network.layers) {
      if (this.#trains(layer)) this.#addLayer(layer)
    }

    const logits = this.#activation(this.#network.output)
    const { loss, gradient } = segmentationLoss(builder, logits, labels, this.#options)
    builder.output('loss', loss)
    builder.output('logits', asMatrix(builder, logits))
    const gradients = this.#addBackward(gradient)
    this.#addOptimiser(gradients)
    return {
      graph: builder.finish('training_step'),
      trained: this.#blocks,
      moved: this.#moved.map((parameter) => blockOf(parameter.name, [parameter])),
      dropoutMasks: this.#dropoutMasks,
    }
  }

  #trains({ part }: Pick<Layer, 'part'>): boolean {
    return part === 'decoder' || !this.#options.freezeEncoder
  }

  /**
   * Makes a block of the state an input, and its members values. All state is flat: the optimiser's element by element
   * operators are many times slower on `[320, 960, 1, 1]` than on `[307200]`.
   */
  #addBlock({ name, size, members }: StateBlock): void {
    const input = this.#builder.input(name, [size])
    this.#blockInputs.set(name, input)
    const pieces =
      members.length === 1
        ? [input]
        : this.#builder.split(
            input,
            members.map(({ parameter }) => elementCount(parameter.shape)),
          )
    members.forEach(({ parameter }, index) => {
      this.#values.set(parameter.name, pieces[index] as Value)
    })
  }

  #activation(name: string): Activation {
    const activation = this.#activations.get(name)
    if (activation === undefined) throw new Error(`Layer ${name} has no output yet.`)
    return activation
  }

  /** The value of a parameter, flat; one that does not train becomes an input of its own when it is first asked for. */
  #parameter(name: string): Value {
    const known = this.#values.get(name)
    if (known !== undefined) return known
    const parameter = this.#parameters.get(name)
    if (parameter === undefined) throw new Error(`The network has no parameter ${name}.`)
    const value = this.#builder.input(name, [elementCount(parameter.shape)])
    this.#values.set(name, value)
    return value
  }

  /** `[batch, channels, height, width]` to the layout of the training graph. */
  #channelsFirst(value: Value, channels: number, height: number, width: number): Activation {
    const { batch } = this.#options
    const swapped = this.#builder.node('Transpose', [value], [channels, batch, height, width], {
      perm: { ints: [1, 0, 2, 3] },
    })
    return { value: swapped, channels, batch, height, width }
  }

  #addFrozenEncoder(images: Value, weights: NamedTensors): void {
    const { height, width } = this.#options
    const layers = this.#network.layers.filter((layer) => layer.part === 'encoder')
    const values = addInferenceLayers(this.#builder, this.#network, layers, weights, images)
    for (const tap of this.#network.taps) {
      const value = values.get(tap.layer) as Value
      const { channels, reduction } = tap
      this.#activations.set(
        tap.layer,
        this.#channelsFirst(value, channels, height / reduction, width / reduction),
      )
    }
  }

  #addLayer(layer: Layer): void {
    const operation = this.#operationOf(layer)
    this.#activations.set(layer.name, operation.output)
    this.#operations.set(layer.name, { layer, operation })
  }

  #operationOf(layer: Layer): Operation {
    const builder = this.#builder
    const [input, other] = layer.inputs.map((name) => this.#activation(name)) as [Activation, Activation]
    switch (layer.kind) {
      case 'convolution': {
        const kernel = this.#parameter(`${layer.scope}.kernel`)
        if (layer.depthwise) return depthwiseConvolution(builder, input, kernel, layer)
        return layer.kernelSize === 1 && layer.stride === 1
          ? pointwiseConvolution(builder, input, kernel, layer.channels)
          : fullConvolution(builder, input, kernel, layer.channels, layer)
      }
      case 'transposed-convolution': {
        const kernel = this.#parameter(`${layer.scope}.kernel`)
        const bias = layer.bias ? this.#parameter(`${layer.scope}.bias`) : undefined
        return transposedConvolution(builder, input, kernel, bias, layer.channels)
      }
      case 'batch-norm':
        return this.#addBatchNorm(layer, input)
      case 'relu':
        return relu(builder, input)
      case 'relu6':
        return relu6(builder, input)
      case 'dropout': {
        const { channels, batch, height, width } = input
        const mask = { name: layer.name, shape: [channels, batch, height, width], rate: layer.rate }
        this.#dropoutMasks.push(mask)
        return dropout(builder, input, builder.input(mask.name, mask.shape))
      }
      case 'add':
        return add(builder, input, other)
      case 'concatenate':
        return concatenate(
          builder,
          layer.inputs.map((name) => this.#activation(name)),
        )
    }
  }

  #addBatchNorm(layer: BatchNormLayer, input: Activation): Operation {
    const names = { mean: `${layer.scope}.moving_mean`, variance: `${layer.scope}.moving_variance` }
    const operation = batchNorm(
      this.#builder,
      input,
      {
        gamma: this.#parameter(`${layer.scope}.gamma`),
        beta: this.#parameter(`${layer.scope}.beta`),
        movingMean: this.#parameter(names.mean),
        movingVariance: this.#parameter(names.variance),
      },
      layer.epsilon,
      this.#options.batchNorm === 'batch' ? this.#options.batchNormMomentum : undefined,
    )
    if (operation.moved !== undefined) {
      this.#builder.output(stateNames.next(names.mean), operation.moved.mean)
      this.#builder.output(stateNames.next(names.variance), operation.moved.variance)
      this.#moved.push(
        this.#parameters.get(names.mean) as Parameter,
        this.#parameters.get(names.variance) as Parameter,
      )
    }
    return operation
  }

  /** Walks the operations backwards. @returns gradients by the names of the parameters' values */
  #addBackward(logitsGradient: Value): Map<string, Value> {
    const upstream = new Map([[this.#network.output, logitsGradient]])
    const gradients = new Map<string, Value>()
    for (const { layer, operation } of [...this.#operations.values()].reverse()) {
      const gradient = upstream.get(layer.name)
      if (gradient === undefined) throw new Error(`Nothing uses the output of ${layer.name}.`)
      const result = operation.backward(gradient, this.#channelsToReach(layer))
      for (const [name, value] of result.parameters) gradients.set(name, value)
      layer.inputs.forEach((name, index) => {
        const value = result.inputs[index]
        if (value === undefined || !this.#operations.has(name)) return
        const other = upstream.get(name)
        upstream.set(name, other === undefined ? value : this.#sum(name, other, value))
      })
    }
    return gradients
  }

  /** How many leading channels of a layer's input (of a concatenation: of its output) need a gradient. */
  #channelsToReach(layer: Layer): number {
    const reached = layer.inputs.map((name) => {
      const producer = this.#operations.get(name)?.layer
      if (producer === undefined) return 0
      return producer.kind === 'concatenate' ? this.#channelsToReach(producer) : producer.channels
    })
    if (layer.kind !== 'concatenate') return Math.max(...reached)
    const last = reached.findLastIndex((channels) => channels > 0)
    return layer.inputs.slice(0, last + 1).reduce((sum, name) => sum + this.#activation(name).channels, 0)
  }

  #sum(layerName: string, left: Value, right: Value): Value {
    const activation = this.#activation(layerName)
    const shape = [activation.channels, pixelCount(activation)]
    const views = [left, right].map((value) => this.#builder.reshape(value, shape))
    return this.#builder.node('Add', views, shape)
  }

  #addOptimiser(gradients: Map<string, Value>): void {
    const builder = this.#builder
    const { beta1, beta2, clipNorm } = this.#options
    const norm = gradientNorm(builder, [...gradients.values()])
    builder.output('gradient_norm', norm)
    const clipping = clipNorm === undefined ? undefined : this.#clippingFactor(norm, clipNorm)
    const clippedBy = (factor: number): Value =>
      clipping === undefined
        ? builder.constant([factor])
        : builder.node('Mul', [clipping, builder.constant([factor])], [])
    const scale: StepScale = {
      toFirstMoment: clippedBy(1 - beta1),
      toSecondMomentRoot: clippedBy(Math.sqrt(1 - beta2)),
      decay: builder.input(stepInputs.decay, []),
      stepSize: builder.input(stepInputs.stepSize, []),
      epsilon: builder.input(stepInputs.epsilon, []),
    }
    for (const block of this.#blocks) {
      const { name, size } = block
      const first = builder.input(stateNames.firstMoment(name), [size])
      const second = builder.input(stateNames.secondMoment(name), [size])
      adamW(
        builder,
        this.#blockInputs.get(name) as Value,
        this.#gradientOf(block, gradients),
        { first, second },
        scale,
        { beta1, beta2 },
        {
          parameter: stateNames.next(name),
          first: stateNames.next(first.name),
          second: stateNames.next(second.name),
        },
      )
    }
  }

  #gradientOf({ size, members }: StateBlock, gradients: Map<string, Value>): Value {
    const pieces = members.map(({ parameter }) => {
      const gradient = gradients.get(this.#parameter(parameter.name).name) as Value
      return this.#builder.reshape(gradient, [elementCount(parameter.shape)])
    })
    return pieces.length === 1
      ? (pieces[0] as Value)
      : this.#builder.node('Concat', pieces, [size], { axis: { int: 0 } })
  }

  /** min(1, clipNorm / norm), as PyTorch's `clip_grad_norm_` (with its 1e-6). */
  #clippingFactor(norm: Value, clipNorm: number): Value {
    const builder = this.#builder
    const guarded = builder.node('Add', [norm, builder.constant([1e-6])], [])
    const ratio = builder.node('Div', [builder.constant([clipNorm]), guarded], [])
    return builder.node('Min', [ratio, builder.constant([1])], [])
  }
}
