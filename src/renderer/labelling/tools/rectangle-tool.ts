import type { ViewerPointer } from '../../viewer/viewer-events.ts'
import { fillRectangle } from '../shapes/rectangle.ts'
import { erases, type Tool, type ToolSurroundings } from './tool.ts'

/** Paints an upright rectangle from corner to corner. */
export function createRectangleTool(surroundings: ToolSurroundings): Tool {
  const { editor } = surroundings
  let start: ViewerPointer | undefined

  function stop(): void {
    start = undefined
    surroundings.showOutline(undefined)
  }

  return {
    press(pointer) {
      start = pointer
    },
    move(pointers) {
      const end = pointers.at(-1)
      if (start === undefined || end === undefined) return
      const [left, right] = [Math.min(start.x, end.x), Math.max(start.x, end.x)].map(Math.floor) as [
        number,
        number,
      ]
      const [top, bottom] = [Math.min(start.y, end.y), Math.max(start.y, end.y)].map(Math.floor) as [
        number,
        number,
      ]
      const points = [
        { x: left, y: top },
        { x: right + 1, y: top },
        { x: right + 1, y: bottom + 1 },
        { x: left, y: bottom + 1 },
      ]
      surroundings.showOutline({ points, closed: true, corners: false })
    },
    release(pointer) {
      if (start === undefined) return
      const stroke = editor.begin(surroundings.paint(erases(start) || erases(pointer)))
      fillRectangle(start, pointer, stroke.fillSpan)
      editor.commit(stroke)
      stop()
    },
    cancel() {
      const wasUnderWay = start !== undefined
      stop()
      return wasUnderWay
    },
  }
}
