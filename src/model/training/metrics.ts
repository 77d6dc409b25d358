import { UNLABELLED } from '../images/label-map.ts'
import type { Scores } from './events.ts'

/** Counts of pixels by their label and by the class predicted for them, pooled over any number of images. */
export class ConfusionMatrix {
  readonly classes: number
  /** `[label, predicted]` */
  readonly counts: Float64Array

  constructor(classes: number) {
    this.classes = classes
    this.counts = new Float64Array(classes * classes)
  }

  /**
   * Adds the labelled pixels of one image or patch.
   * @param labels classes, or UNLABELLED
   * @param predicted a class for every pixel
   */
  add(labels: Uint8Array, predicted: Uint8Array): void {
    if (labels.length !== predicted.length) {
      throw new RangeError(
        `${String(labels.length)} labels for ${String(predicted.length)} predicted pixels.`,
      )
    }
    for (let pixel = 0; pixel < labels.length; pixel++) {
      const label = labels[pixel] as number
      if (label === UNLABELLED) continue
      const cell = label * this.classes + (predicted[pixel] as number)
      this.counts[cell] = (this.counts[cell] as number) + 1
    }
  }

  /** Dice `2 |A and B| / (|A| + |B|)` and IoU `|A and B| / |A or B|` of each class. */
  scores(): Scores {
    const dice: number[] = []
    const iou: number[] = []
    for (let value = 0; value < this.classes; value++) {
      let labelled = 0
      let predicted = 0
      for (let other = 0; other < this.classes; other++) {
        labelled += this.counts[value * this.classes + other] as number
        predicted += this.counts[other * this.classes + value] as number
      }
      const both = this.counts[value * this.classes + value] as number
      // 0 / 0, where neither has the class, is NaN, as `Scores` has it.
      dice.push((2 * both) / (labelled + predicted))
      iou.push(both / (labelled + predicted - both))
    }
    return { dice, iou }
  }
}

/**
 * The one number that decides which checkpoint is the best: mean Dice over the classes except class 0, the
 * background, which is large and easy and would hide the others. Classes that neither the labels nor the prediction
 * have are left out. Where only the background is left it is the background's Dice; NaN where nothing was labelled.
 */
export function selectionScore({ dice }: Scores): number {
  const objects = dice.slice(1).filter((value) => !Number.isNaN(value))
  if (objects.length === 0) return dice[0] ?? Number.NaN
  return objects.reduce((sum, value) => sum + value, 0) / objects.length
}
