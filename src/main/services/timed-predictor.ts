import type { ImageBatch, NetworkOutput, Predictor } from '../../model/engine/engine.ts'

/** A predictor that keeps the time. */
export class TimedPredictor implements Predictor {
  /** In which the network worked, in all. */
  milliseconds = 0
  private readonly predictor: Predictor

  constructor(predictor: Predictor) {
    this.predictor = predictor
  }

  async run(images: ImageBatch): Promise<NetworkOutput> {
    const start = performance.now()
    const output = await this.predictor.run(images)
    this.milliseconds += performance.now() - start
    return output
  }

  dispose(): Promise<void> {
    return this.predictor.dispose()
  }
}
