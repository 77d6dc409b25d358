import { LABEL_TILE_SIZE } from '../../../preload/contract/label-tiles.ts'
import { UNLABELLED } from '../label-values.ts'
import type { Stroke } from '../plane/stroke.ts'
import type { FillSpan } from '../shapes/span.ts'
import type { Suggestion, ToolSurroundings } from './tool.ts'

const SIZE = LABEL_TILE_SIZE

/** Tells why nothing can be taken over. */
export function tellNothingSuggested(surroundings: ToolSurroundings): void {
  surroundings.tell({
    code: 'nothing-suggested',
    message: 'No prediction is shown that could be accepted.',
    remedy: 'Show it first.',
  })
}

/**
 * Fills spans of a row with what is suggested there, as far as it is known. Tiles of the suggestion that come later are
 * not waited for: nobody accepts what they did not see.
 */
export function suggestedSpans(suggestion: Suggestion, stroke: Stroke): FillSpan {
  const tiles = new Map<string, Uint8Array | undefined>()
  const labelsOf = (column: number, row: number): Uint8Array | undefined => {
    const name = `${column} ${row}`
    const known = tiles.get(name)
    if (known !== undefined) return known
    const labels = column < 0 || row < 0 ? undefined : suggestion.labels(column, row)
    tiles.set(name, labels)
    return labels
  }
  return (row, first, end) => {
    const tileRow = Math.floor(row / SIZE)
    for (let x = first; x < end;) {
      const column = Math.floor(x / SIZE)
      const stop = Math.min(end, (column + 1) * SIZE)
      const labels = labelsOf(column, tileRow)
      const start = (row - tileRow * SIZE) * SIZE - column * SIZE
      while (x < stop) {
        const value = labels?.[start + x]
        let next = x + 1
        while (next < stop && labels?.[start + next] === value) next++
        if (value !== undefined && value !== UNLABELLED) stroke.fillSpan(row, x, next, value)
        x = next
      }
    }
  }
}
