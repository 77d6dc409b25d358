/** One line of a chart. */
export interface Line {
  key: string
  label: string
  /** A colour as CSS has it, `var(--accent)` too. */
  colour: string
  /** Lengths of strokes and gaps, in pixels; none: unbroken. Tells lines apart where colours do not. */
  dash: readonly number[]
  /** Faint and without a name: the raw values behind a smooth line. */
  isGround?: boolean
  /** Its values are few: each is marked. */
  hasPoints?: boolean
  steps: readonly number[]
  values: readonly (number | null)[]
}

const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 2], [12, 5]]

/** A pattern for each of some lines. */
export function dashOf(index: number): readonly number[] {
  return dashes[index % dashes.length] as readonly number[]
}

const comparedColours = ['var(--accent)', '#D55E00', '#0072B2', '#CC79A7', '#8A8F98', '#009E73']

/** A colour for each of some experiments. */
export function comparedColour(index: number): string {
  return comparedColours[index % comparedColours.length] as string
}
