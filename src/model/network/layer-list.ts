import type { Layer, NetworkPart } from './network.ts'

/** Collects the layers of one part of a network; each method adds a layer and returns its name. */
export class LayerList {
  readonly layers: Layer[] = []
  readonly #part: NetworkPart
  readonly #channels: Map<string, number>

  /** @param channels channels of the layers made so far, by name; shared by the parts of one network */
  constructor(part: NetworkPart, channels: Map<string, number>) {
    this.#part = part
    this.#channels = channels
  }

  /** Channels of a layer's output. */
  channelsOf(name: string): number {
    const channels = this.#channels.get(name)
    if (channels === undefined) throw new Error(`No layer is called ${name}.`)
    return channels
  }

  /** A convolution without bias; `[before, after]` zeros pad it. */
  convolution(
    scope: string,
    input: string,
    channels: number,
    shape: { kernelSize: number; stride: number; padding: readonly [number, number] },
  ): string {
    return this.#push({
      kind: 'convolution',
      scope,
      depthwise: false,
      channels,
      ...this.#place(`${scope}.convolution`, [input]),
      ...shape,
    })
  }

  depthwiseConvolution(
    scope: string,
    input: string,
    shape: { kernelSize: number; stride: number; padding: readonly [number, number] },
  ): string {
    return this.#push({
      kind: 'convolution',
      scope,
      depthwise: true,
      channels: this.channelsOf(input),
      ...this.#place(`${scope}.convolution`, [input]),
      ...shape,
    })
  }

  transposedConvolution(scope: string, input: string, channels: number, bias: boolean): string {
    return this.#push({
      kind: 'transposed-convolution',
      scope,
      kernelSize: 4,
      stride: 2,
      bias,
      channels,
      ...this.#place(`${scope}.transposed_convolution`, [input]),
    })
  }

  batchNorm(scope: string, input: string, epsilon: number): string {
    return this.#push({
      kind: 'batch-norm',
      scope,
      epsilon,
      channels: this.channelsOf(input),
      ...this.#place(`${scope}.batch_norm`, [input]),
    })
  }

  activation(kind: 'relu' | 'relu6', scope: string, input: string): string {
    return this.#push({
      kind,
      channels: this.channelsOf(input),
      ...this.#place(`${scope}.${kind}`, [input]),
    })
  }

  dropout(scope: string, input: string, rate: number): string {
    return this.#push({
      kind: 'dropout',
      rate,
      channels: this.channelsOf(input),
      ...this.#place(`${scope}.dropout`, [input]),
    })
  }

  add(scope: string, left: string, right: string): string {
    return this.#push({
      kind: 'add',
      channels: this.channelsOf(left),
      ...this.#place(`${scope}.add`, [left, right]),
    })
  }

  concatenate(scope: string, inputs: readonly string[]): string {
    return this.#push({
      kind: 'concatenate',
      channels: inputs.reduce((sum, input) => sum + this.channelsOf(input), 0),
      ...this.#place(`${scope}.concatenate`, inputs),
    })
  }

  #place(
    name: string,
    inputs: readonly string[],
  ): { name: string; part: NetworkPart; inputs: readonly string[] } {
    return { name, part: this.#part, inputs }
  }

  #push(layer: Layer): string {
    if (this.#channels.has(layer.name)) throw new Error(`Two layers are called ${layer.name}.`)
    this.#channels.set(layer.name, layer.channels)
    this.layers.push(layer)
    return layer.name
  }
}
