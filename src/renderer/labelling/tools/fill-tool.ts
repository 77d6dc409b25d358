import { LABEL_TILE_SIZE } from '../../../preload/contract/label-tiles.ts'
import { UNLABELLED } from '../label-values.ts'
import type { LabelPlane } from '../plane/label-plane.ts'
import { findRegion, RegionTooLarge } from '../shapes/region.ts'
import { erases, type Tool, type ToolSurroundings } from './tool.ts'

const VALUES = LABEL_TILE_SIZE * LABEL_TILE_SIZE

/** Paints the closed region with one label, or without any, that is clicked. */
export function createFillTool(surroundings: ToolSurroundings): Tool {
  const { editor } = surroundings
  let looking: AbortController | undefined

  function cancel(): boolean {
    const wasUnderWay = looking !== undefined
    looking?.abort()
    looking = undefined
    return wasUnderWay
  }

  return {
    press(pointer) {
      const label = editor.plane.valueAt(pointer.x, pointer.y)
      if (label === undefined) return
      cancel()
      const controller = new AbortController()
      looking = controller
      const paint = surroundings.paint(erases(pointer))
      findRegion(regionWith(editor.plane, label), pointer, controller.signal)
        .then((region) => {
          const stroke = editor.begin(paint)
          for (const { column, row, mask } of region) stroke.fillMask(column, row, mask)
          editor.commit(stroke)
          looking = undefined
        })
        .catch((thrown: unknown) => {
          if (controller.signal.aborted) return
          looking = undefined
          if (!(thrown instanceof RegionTooLarge)) {
            surroundings.report(thrown)
            return
          }
          surroundings.tell({
            code: 'region-not-closed',
            message: 'This region is larger than 8192 x 8192 pixels: most likely its border has a gap.',
            remedy: 'Close its border with the brush, then fill it.',
          })
        })
    },
    move() {
      // A click is all.
    },
    release() {
      // A click is all.
    },
    cancel,
  }
}

function regionWith(plane: LabelPlane, label: number) {
  const inside = async (column: number, row: number): Promise<Uint8Array> => {
    await plane.load({ columns: [column, column], rows: [row, row] })
    const mask = new Uint8Array(VALUES)
    const labels = plane.tile(column, row)
    if (labels === undefined) return label === UNLABELLED ? mask.fill(1) : mask
    for (let at = 0; at < VALUES; at++) mask[at] = labels[at] === label ? 1 : 0
    return mask
  }
  return { width: plane.width, height: plane.height, inside }
}
