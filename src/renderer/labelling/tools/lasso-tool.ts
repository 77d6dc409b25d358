import type { Point } from '../../viewer/camera.ts'
import { fillPolygon } from '../shapes/polygon.ts'
import { erases, type Tool, type ToolSurroundings } from './tool.ts'

/** Paints what the pointer goes around. */
export function createLassoTool(surroundings: ToolSurroundings): Tool {
  const { editor } = surroundings
  let way: Point[] | undefined
  let isErasing = false

  function stop(): void {
    way = undefined
    surroundings.showOutline(undefined)
  }

  return {
    press(pointer) {
      way = [pointer]
      isErasing = erases(pointer)
    },
    move(pointers) {
      if (way === undefined) return
      way.push(...pointers)
      surroundings.showOutline({ points: way, closed: true, corners: false })
    },
    release(pointer) {
      if (way === undefined) return
      const stroke = editor.begin(surroundings.paint(isErasing))
      fillPolygon([...way, pointer], stroke.fillSpan)
      editor.commit(stroke)
      stop()
    },
    cancel() {
      const wasUnderWay = way !== undefined
      stop()
      return wasUnderWay
    },
  }
}
