/** Takes the pixels `first` to `end - 1` of a row. They may lie outside the image. */
export type FillSpan = (row: number, first: number, end: number) => void
