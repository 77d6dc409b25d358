import { PIXEL_TILE_SIZE } from '../../../preload/contract/addresses.ts'
import { LABEL_TILE_SIZE } from '../../../preload/contract/label-tiles.ts'
import type { Point } from '../../viewer/camera.ts'
import type { ViewerPointer } from '../../viewer/viewer-events.ts'
import type { Paint, Stroke } from '../plane/stroke.ts'
import { findRegion, type RegionTile, RegionTooLarge } from '../shapes/region.ts'
import { similarPixels } from './raw-values.ts'
import { erases, type Tool, type ToolSurroundings } from './tool.ts'

const LABEL_TILES_PER_PIXEL_TILE = PIXEL_TILE_SIZE / LABEL_TILE_SIZE
/** CSS pixels to the right that double the tolerance; to the left they halve it. */
const PIXELS_PER_DOUBLING = 60
/** Smaller movements are none: a click keeps the tolerance. */
const DEAD_PIXELS = 4

/** One press of the button, until what it painted is kept. */
interface Flooding {
  seed: Point
  paint: Paint
  startTolerance: number
  tolerance: number
  stroke?: Stroke
  looking: AbortController
  /** Of the last search. */
  done: Promise<void>
}

/**
 * Paints the connected pixels around a click whose values are similar to its own. Dragging to the right while the button
 * is down allows more, to the left fewer; what would be painted is seen meanwhile.
 */
export function createFloodTool(surroundings: ToolSurroundings): Tool {
  const { editor } = surroundings
  let flooding: Flooding | undefined

  /** Paints anew, with the tolerance as it is now. */
  function flood(current: Flooding): void {
    current.looking.abort()
    const looking = new AbortController()
    current.looking = looking
    current.done = regionOf(surroundings, current, looking.signal).then(
      (region) => {
        if (current.stroke !== undefined) editor.cancel(current.stroke)
        const stroke = editor.begin(current.paint)
        for (const { column, row, mask } of region) stroke.fillMask(column, row, mask)
        current.stroke = stroke
      },
      (thrown: unknown) => {
        if (looking.signal.aborted) return
        if (!(thrown instanceof RegionTooLarge)) {
          surroundings.report(thrown)
          return
        }
        surroundings.tell({
          code: 'region-too-large',
          message: 'The values are similar over more than 8192 x 8192 pixels.',
          remedy: 'Take a smaller tolerance.',
        })
      },
    )
  }

  return {
    press(pointer) {
      const { x, y } = pointer
      if (!editor.plane.contains(x, y)) return
      const tolerance = surroundings.tolerance()
      flooding = {
        seed: { x, y },
        paint: surroundings.paint(erases(pointer)),
        startTolerance: tolerance,
        tolerance,
        looking: new AbortController(),
        done: Promise.resolve(),
      }
      flood(flooding)
    },
    move(pointers) {
      const last = pointers.at(-1)
      if (flooding === undefined || last === undefined) return
      const tolerance = draggedTolerance(flooding, last, surroundings.zoom())
      if (tolerance === flooding.tolerance) return
      flooding.tolerance = tolerance
      surroundings.setTolerance(tolerance)
      flood(flooding)
    },
    release() {
      const ended = flooding
      flooding = undefined
      void ended?.done.then(() => {
        if (ended.stroke !== undefined) editor.commit(ended.stroke)
      })
    },
    cancel() {
      if (flooding === undefined) return false
      flooding.looking.abort()
      if (flooding.stroke !== undefined) editor.cancel(flooding.stroke)
      flooding = undefined
      return true
    },
  }
}

function draggedTolerance({ seed, startTolerance }: Flooding, { x }: ViewerPointer, zoom: number): number {
  const dragged = (x - seed.x) * zoom
  const beyond = Math.sign(dragged) * Math.max(0, Math.abs(dragged) - DEAD_PIXELS)
  if (beyond === 0) return startTolerance
  const tolerance = Math.max(1, startTolerance) * 2 ** (beyond / PIXELS_PER_DOUBLING)
  // Whole numbers suit whole values; below 1 only fractions do.
  return tolerance > 10 ? Math.round(tolerance) : Number(tolerance.toPrecision(2))
}

async function regionOf(
  surroundings: ToolSurroundings,
  { seed, tolerance }: Flooding,
  signal: AbortSignal,
): Promise<RegionTile[]> {
  const [x, y] = [Math.floor(seed.x), Math.floor(seed.y)]
  const { plane } = surroundings.editor
  const tile = await surroundings.rawTile(Math.floor(x / PIXEL_TILE_SIZE), Math.floor(y / PIXEL_TILE_SIZE))
  signal.throwIfAborted()
  const value = tile.samples[(y % PIXEL_TILE_SIZE) * tile.width + (x % PIXEL_TILE_SIZE)] as number
  const inside = async (column: number, row: number): Promise<Uint8Array> => {
    const pixels = await surroundings.rawTile(
      Math.floor(column / LABEL_TILES_PER_PIXEL_TILE),
      Math.floor(row / LABEL_TILES_PER_PIXEL_TILE),
    )
    return similarPixels(pixels, column, row, value, tolerance)
  }
  return await findRegion({ width: plane.width, height: plane.height, inside }, seed, signal)
}
