import type { ViewerPointer } from '../../viewer/viewer-events.ts'
import type { Stroke } from '../plane/stroke.ts'
import { type BrushPoint, fillBrushSegment } from '../shapes/brush.ts'
import { erases, type Tool, type ToolSurroundings } from './tool.ts'

/**
 * Paints along the pointer's way; with Shift, straight from where it painted last. A pen paints as wide as it is
 * pressed.
 * @param alwaysErases the eraser, otherwise the same
 */
export function createBrushTool(surroundings: ToolSurroundings, alwaysErases: boolean): Tool {
  const { editor } = surroundings
  let stroke: Stroke | undefined
  let last: BrushPoint | undefined

  function pointOf({ x, y, kind, pressure }: ViewerPointer): BrushPoint {
    const share = kind === 'pen' ? pressure : 1
    return { x, y, radius: Math.max(0.5, (surroundings.brushSize() / 2) * share) }
  }

  function paintTo(to: BrushPoint): void {
    if (stroke !== undefined) fillBrushSegment(last ?? to, to, stroke.fillSpan)
    last = to
  }

  return {
    press(pointer) {
      if (!pointer.shift) last = undefined
      stroke = editor.begin(surroundings.paint(alwaysErases || erases(pointer)))
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
      stroke = undefined
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
      stroke = undefined
      return true
    },
  }
}
