/** What a folder's run tells while it goes on. Files are named relative to the images' and the output folder. */
export type SegmentationEvent =
  /** The result's name was changed to keep two results apart. */
  | { kind: 'renamed'; file: string; output: string }
  | { kind: 'skipped'; file: string; output: string }
  | {
      kind: 'image-done'
      file: string
      output: string
      /** From when the network turned to the image until its results were in place. */
      milliseconds: number
      /** How much of this the network worked on it. */
      networkMilliseconds: number
    }
  | { kind: 'failed'; file: string; code: string; error: string }
  | {
      kind: 'progress'
      /** 0 ... 1, over all images. */
      fraction: number
      /** Undefined until there is something to judge by. */
      remainingSeconds: number | undefined
    }

export interface SegmentationSummary {
  done: number
  skipped: number
  failed: { file: string; code: string; error: string }[]
  seconds: number
  /** The share of these seconds in which the network worked. */
  shareInNetwork: number
}
