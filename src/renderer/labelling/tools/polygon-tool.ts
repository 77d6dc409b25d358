import type { Point } from '../../viewer/camera.ts'
import { fillPolygon } from '../shapes/polygon.ts'
import { erases, type Tool, type ToolSurroundings } from './tool.ts'

/** So near, in CSS pixels, is on the first corner. */
const NEAR = 8
const DOUBLE_CLICK_MILLISECONDS = 400

/**
 * Paints between corners that are clicked. A click on the first corner, a double click or Enter closes it; Backspace takes
 * a corner back.
 */
export function createPolygonTool(surroundings: ToolSurroundings): Tool {
  const { editor } = surroundings
  let corners: Point[] = []
  let lastPress = -Infinity
  let isErasing = false

  function show(end?: Point): void {
    const points = end === undefined ? corners : [...corners, end]
    surroundings.showOutline(
      corners.length === 0 ? undefined : { points, closed: points.length > 2, corners: true },
    )
  }

  function isNear(one: Point | undefined, other: Point): boolean {
    if (one === undefined) return false
    return Math.hypot(one.x - other.x, one.y - other.y) * surroundings.zoom() <= NEAR
  }

  function finish(): void {
    if (corners.length > 2) {
      const stroke = editor.begin(surroundings.paint(isErasing))
      fillPolygon(corners, stroke.fillSpan)
      editor.commit(stroke)
    }
    corners = []
    show()
  }

  return {
    press(pointer) {
      const isDouble = pointer.time - lastPress < DOUBLE_CLICK_MILLISECONDS && isNear(corners.at(-1), pointer)
      lastPress = pointer.time
      isErasing = erases(pointer)
      if (isDouble || (corners.length > 2 && isNear(corners[0], pointer))) {
        finish()
        return
      }
      corners.push({ x: pointer.x, y: pointer.y })
      show()
    },
    move() {
      // A corner is where the button went down.
    },
    release() {
      // The shape goes on.
    },
    hover(at) {
      show(at)
    },
    finish,
    stepBack() {
      corners.pop()
      show()
    },
    cancel() {
      const wasUnderWay = corners.length > 0
      corners = []
      show()
      return wasUnderWay
    },
  }
}
