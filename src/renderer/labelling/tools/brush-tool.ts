import type { ViewerPointer } from '../../viewer/viewer-events.ts'
import type { Stroke } from '../plane/stroke.ts'
import { type BrushPoint, fillBrushSegment } from '../shapes/brush.ts'
import type { FillSpan } from '../shapes/span.ts'
import { suggestedSpans, tellNothingSuggested } from './suggested-labels.ts'
import { erases, type Tool, type ToolSurroundings } from './tool.ts'

/** What a brush leaves where it passes. */
export type BrushColour = 'class' | 'nothing' | 'suggestion'

/**
 * Paints along the pointer's way; with Shift, straight from where it painted last. A pen paints as wide as it is
 * pressed.
 * @param colour the class that is painted, nothing (the eraser), or what is suggested at each place
 */
export function createBrushTool(surroundings: ToolSurroundings, colour: BrushColour): Tool {
  const { editor } = surroundings
  let stroke: Stroke | undefined
  let last: BrushPoint | undefined
  let fill: FillSpan | undefined

  function pointOf({ x, y, kind, pressure }: ViewerPointer): BrushPoint {
    const share = kind === 'pen' ? pressure : 1
    return { x, y, radius: Math.max(0.5, (surroundings.brushSize() / 2) * share) }
  }

  function paintTo(to: BrushPoint): void {
    if (fill !== undefined) fillBrushSegment(last ?? to, to, fill)
    last = to
  }

  /** Begins a stroke of what this brush leaves; undefined where nothing is suggested that it could. */
  function begin(isErasing: boolean): Stroke | undefined {
    if (colour !== 'suggestion' || isErasing) {
      const begun = editor.begin(surroundings.paint(colour === 'nothing' || isErasing))
      fill = begun.fillSpan
      return begun
    }
    const suggestion = surroundings.suggestion()
    if (suggestion === undefined) {
      tellNothingSuggested(surroundings)
      return undefined
    }
    const begun = editor.begin({ ...surroundings.paint(false), rule: suggestion.rule() })
    fill = suggestedSpans(suggestion, begun)
    return begun
  }

  return {
    press(pointer) {
      if (!pointer.shift) last = undefined
      stroke = begin(erases(pointer))
      if (stroke === undefined) return
      const to = pointOf(pointer)
      if (last !== undefined) last = { ...last, radius: to.radius }
      paintTo(to)
      surroundings.showOutline(undefined)
    },
    move(pointers) {
      for (const pointer of pointers) paintTo(pointOf(pointer))
    },
    release() {
      if (stroke !== undefined) editor.commit(stroke)
      stroke = fill = undefined
    },
    hover(at, straight) {
      if (stroke !== undefined) return
      const isLine = straight && last !== undefined
      surroundings.showOutline(
        isLine ? { points: [last as BrushPoint, at], closed: false, corners: false } : undefined,
      )
    },
    cancel() {
      surroundings.showOutline(undefined)
      if (stroke === undefined) return false
      editor.cancel(stroke)
      stroke = fill = undefined
      return true
    },
  }
}
