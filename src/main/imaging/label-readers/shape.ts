/** Closed by itself: `[x, y]` in pixels, corners at whole numbers. */
export type Shape = readonly (readonly [x: number, y: number])[]
