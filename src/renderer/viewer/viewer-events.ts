import type { Point } from './camera.ts'

/** A pointer's place and state at one moment, as raw as the system tells it. */
export interface ViewerPointer extends Point {
  /** 0 to 1; 0.5 for a mouse, whose button has no pressure. */
  readonly pressure: number
  readonly kind: 'mouse' | 'pen' | 'touch'
  /** Of `PointerEvent`: 0 the main button, 2 the other one, 5 a pen's eraser. */
  readonly button: number
  readonly shift: boolean
  readonly alt: boolean
  /** Control, or Command on a Mac. */
  readonly control: boolean
  /** Milliseconds, as `performance.now()` counts them. */
  readonly time: number
}

/** What is under the pointer. */
export interface Hover extends Point {
  /** Of every channel; undefined where it is not loaded yet. */
  readonly values: readonly (number | undefined)[]
  /** Side of the square of image pixels that a value is the mean of: 1 for the stored value itself. */
  readonly meanOf: number
}

/** The wheel turned with Shift held, which is the tool's: a brush's size. */
export interface ToolWheel {
  /** Notches; greater than 0 away from the person. */
  readonly notches: number
}
