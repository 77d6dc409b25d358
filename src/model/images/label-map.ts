/** The value of a pixel that nobody labelled. It takes no part in losses and metrics. */
export const UNLABELLED = 255

/** Classes of one pixel each: `[height, width]`, values 0 ... classes - 1, or UNLABELLED. */
export interface LabelMap {
  width: number
  height: number
  values: Uint8Array
}
