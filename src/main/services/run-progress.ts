import type { SegmentationEvent } from './segmentation-events.ts'

/** Ten times a second at most, so that telling costs nothing. */
const millisecondsBetween = 100

/** Turns images done into a fraction and an estimate. */
export class RunProgress {
  private readonly images: number
  private readonly tell: (event: SegmentationEvent) => void
  private readonly start = performance.now()
  private lastTold = 0
  private ended = 0
  /** Images that took no work say nothing of how long the rest will take. */
  private skipped = 0

  constructor(images: number, tell: (event: SegmentationEvent) => void) {
    this.images = images
    this.tell = tell
  }

  /** @param fraction of the image that the network works on */
  within(fraction: number): void {
    const now = performance.now()
    if (now - this.lastTold < millisecondsBetween) return
    this.lastTold = now
    this.report(Math.min(this.ended + fraction, this.images))
  }

  imageEnded(skipped: boolean): void {
    this.ended++
    if (skipped) this.skipped++
    if (this.ended === this.images) this.report(this.images)
    else this.within(0)
  }

  private report(ended: number): void {
    const worked = ended - this.skipped
    const seconds = (performance.now() - this.start) / 1000
    this.tell({
      kind: 'progress',
      fraction: ended / this.images,
      remainingSeconds: worked > 0 ? (seconds / worked) * (this.images - ended) : undefined,
    })
  }
}
