import type { Problem } from '../../../preload/contract/base.ts'
import type { Point } from '../../viewer/camera.ts'
import type { ViewerPointer } from '../../viewer/viewer-events.ts'
import type { LabelEditor } from '../plane/label-editor.ts'
import type { Paint, PaintRule } from '../plane/stroke.ts'
import type { RawTile } from './raw-values.ts'

export const toolNames = [
  'brush',
  'erase',
  'fill',
  'pick',
  'polygon',
  'lasso',
  'flood',
  'rectangle',
  'take',
  'take-brush',
] as const
export type ToolName = (typeof toolNames)[number]

/** A shape that is under way, drawn over the image; places in image pixels. */
export interface Outline {
  points: readonly Point[]
  closed: boolean
  /** Marks the corners, which can be taken back or met again. */
  corners: boolean
}

/** Labels that are proposed for the plane, such as what a network predicts. */
export interface Suggestion {
  /**
   * Those of a label tile, `[LABEL_TILE_SIZE, LABEL_TILE_SIZE]`, UNLABELLED where nothing is proposed; undefined where they
   * are not here. The array is given away.
   */
  labels(column: number, row: number): Uint8Array<ArrayBuffer> | undefined
  /** Where they may be taken into the labels. */
  rule(): PaintRule
}

/** What a tool works with. */
export interface ToolSurroundings {
  readonly editor: LabelEditor
  /** What is painted now, and where. */
  paint(erases: boolean): Paint
  /** In image pixels. */
  brushSize(): number
  /** How far from the clicked value similar ones may be. */
  tolerance(): number
  setTolerance(tolerance: number): void
  /** CSS pixels that an image pixel takes. */
  zoom(): number
  /** A tile of the shown channel's stored values. */
  rawTile(column: number, row: number): Promise<RawTile>
  /** undefined: nothing is proposed. */
  suggestion(): Suggestion | undefined
  /** Takes a class, or UNLABELLED, for what is painted from now on. */
  choose(value: number): void
  showOutline(outline: Outline | undefined): void
  /** Tells why what was asked for was not done. */
  tell(problem: Problem): void
  /** Tells what went wrong. */
  report(thrown: unknown): void
}

/** One way to label, as long as it is chosen and the image is open. All places are in image pixels. */
export interface Tool {
  press(pointer: ViewerPointer): void
  /** Every place since the last, in order. */
  move(pointers: readonly ViewerPointer[]): void
  release(pointer: ViewerPointer): void
  /** The pointer is here, pressed or not. */
  hover?(at: Point, straight: boolean): void
  /** Enter: what is under way is complete. */
  finish?(): void
  /** Backspace: the last step of what is under way is taken back. */
  stepBack?(): void
  /** What is under way is not wanted. Returns whether there was something. */
  cancel(): boolean
}

/** A pen's other end, the second button and Alt erase with every tool that paints. */
export function erases({ alt, button }: ViewerPointer): boolean {
  return alt || button === 5 || button === 2
}
