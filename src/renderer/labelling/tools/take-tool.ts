import { LABEL_TILE_SIZE } from '../../../preload/contract/label-tiles.ts'
import { UNLABELLED } from '../label-values.ts'
import { findRegion, RegionTooLarge } from '../shapes/region.ts'
import { tellNothingSuggested } from './suggested-labels.ts'
import { erases, type Suggestion, type Tool, type ToolSurroundings } from './tool.ts'

const SIZE = LABEL_TILE_SIZE

/** Labels the connected region of one suggested class that is clicked, as far as it is here; erases there with Alt. */
export function createTakeTool(surroundings: ToolSurroundings): Tool {
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
      if (!editor.plane.contains(pointer.x, pointer.y)) return
      const suggestion = surroundings.suggestion()
      if (suggestion === undefined) {
        tellNothingSuggested(surroundings)
        return
      }
      const value = suggestedAt(suggestion, Math.floor(pointer.x), Math.floor(pointer.y))
      // Not predicted yet, which the panel tells, or no class of the project.
      if (value === undefined || value === UNLABELLED) return
      cancel()
      const controller = new AbortController()
      looking = controller
      const paint = erases(pointer) ? surroundings.paint(true) : { value, rule: suggestion.rule() }
      const { width, height } = editor.plane
      findRegion({ width, height, inside: regionWith(suggestion, value) }, pointer, controller.signal)
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
            code: 'region-too-large',
            message: 'This region is larger than 8192 x 8192 pixels.',
            remedy: 'Accept all that is in view instead.',
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

function suggestedAt(suggestion: Suggestion, x: number, y: number): number | undefined {
  const [column, row] = [Math.floor(x / SIZE), Math.floor(y / SIZE)]
  return suggestion.labels(column, row)?.[(y - row * SIZE) * SIZE + x - column * SIZE]
}

function regionWith(suggestion: Suggestion, value: number) {
  return (column: number, row: number): Promise<Uint8Array> => {
    const labels = suggestion.labels(column, row)
    return Promise.resolve(labels?.map((each) => (each === value ? 1 : 0)) ?? new Uint8Array(SIZE * SIZE))
  }
}
