import type { Tool, ToolSurroundings } from './tool.ts'

/** Takes the class under the pointer; where nothing is labelled, the eraser. */
export function createPickTool(surroundings: ToolSurroundings): Tool {
  return {
    press({ x, y }) {
      const value = surroundings.editor.plane.valueAt(x, y)
      if (value !== undefined) surroundings.choose(value)
    },
    move() {
      // A click is all.
    },
    release() {
      // A click is all.
    },
    cancel: () => false,
  }
}
