import type { Network } from '../network/network.ts'
import type { NamedTensors } from '../weights/tensor.ts'

/** A batch of images for the network: `[batch, channels, height, width]`, float32, normalised. */
export interface ImageBatch {
  data: Float32Array
  batch: number
  channels: number
  height: number
  width: number
}

/** What the network says of a batch: `[batch, classes, height, width]`. The data is valid until the next call. */
export interface NetworkOutput {
  data: Float32Array
  batch: number
  classes: number
  height: number
  width: number
}

/** The network for prediction: batch norm in inference mode, no dropout. */
export interface Predictor {
  /**
   * Height and width of the input must be multiples of `network.stride` (32); prediction pads for the user.
   * @throws SegscopeError `engine-failed` with the engine's reason
   */
  run(images: ImageBatch): Promise<NetworkOutput>
  dispose(): Promise<void>
}

export interface PredictorOptions {
  /** Softmax over the classes, or what stands before it. */
  output: 'logits' | 'probabilities'
  /** Threads for compute; the engine's own choice where undefined. */
  threads?: number | undefined
}

/** All that a training run carries from step to step, by the network's parameter names. */
export interface TrainingState {
  /** Trained parameters and moving statistics (`....moving_mean`, `....moving_variance`). */
  weights: NamedTensors
  /** AdamW's first and second moments; only of what trains. */
  firstMoments: NamedTensors
  secondMoments: NamedTensors
  /** Steps done so far. */
  step: number
}

export interface TrainerOptions {
  batch: number
  /** Of the patches; multiples of `network.stride`. */
  height: number
  width: number
  /** Frozen: stem and blocks keep their weights, their batch norms run in inference mode and keep their statistics. */
  freezeEncoder: boolean
  /** Of what trains: normalise with the batch's own statistics (and update the moving ones), or with the moving ones. */
  batchNorm: 'batch' | 'frozen'
  /** The share of the new batch in the moving statistics; variance is the batch's unbiased one. */
  batchNormMomentum: number
  /** One weight a class, in the loss: sum(weight * loss) / sum(weight) over labelled pixels, as in PyTorch. */
  classWeights: readonly number[]
  /** Weight of soft Dice in the loss, beside the cross-entropy; 0: cross-entropy alone. */
  diceWeight: number
  /** Decoupled, on every trained parameter. */
  weightDecay: number
  beta1: number
  beta2: number
  epsilon: number
  /** Gradients are scaled down to this L2 norm over all trained parameters; undefined: not clipped. */
  clipNorm: number | undefined
  threads?: number | undefined
}

export interface TrainingBatch {
  images: ImageBatch
  /** `[batch, height, width]`: classes, or 255 where not labelled. */
  labels: Uint8Array
  learningRate: number
  /** Seeds this step's dropout masks, where the network has dropout. */
  dropoutSeed: number
}

export interface StepResult {
  /** Mean weighted cross-entropy over the labelled pixels of the batch, and soft Dice's share, before the update. */
  loss: number
  /** L2 norm of the gradient over all trained parameters, before clipping. */
  gradientNorm: number
}

/** A training run in progress: state lives in the engine and changes in place. */
export interface Trainer {
  /**
   * A step for each batch, one after the other: forward and backward pass and an AdamW update. A step that fails leaves the
   * state as it was before it, or before the first one. Several at a time may cost less than one by one.
   */
  steps(batches: readonly TrainingBatch[]): Promise<StepResult[]>
  /** The weights as they are now, not copied: they change with the next step. */
  weights(): NamedTensors
  /** A copy of the state as it is now. */
  state(): TrainingState
  dispose(): Promise<void>
}

export interface EngineDescription {
  name: string
  version: string
  /** 'cpu', 'webgpu', ... as the engine names it. */
  device: string
  threads: number
}

/** What computes. A second engine is one more folder that exports one of these. */
export interface Engine {
  /** Whether it trains, too: one that does not refuses to make a trainer. */
  readonly trains: boolean
  describe(): EngineDescription
  createPredictor(network: Network, weights: NamedTensors, options: PredictorOptions): Promise<Predictor>
  createTrainer(network: Network, state: TrainingState, options: TrainerOptions): Promise<Trainer>
}
