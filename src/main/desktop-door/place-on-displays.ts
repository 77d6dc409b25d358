import type { Rectangle } from 'electron'

/** Of a window's upper edge, by which it is dragged: this much must be on a display, in its pixels. */
const GRIP = { width: 120, height: 32 }

/**
 * Where a window may open that was last at `place`: there, cut to the display, when enough of its upper edge can be
 * reached on one of the displays that are there now; undefined otherwise, as when the display was unplugged.
 * @param workAreas of the displays: without task bars and docks
 */
export function placeOnDisplays(place: Rectangle, workAreas: readonly Rectangle[]): Rectangle | undefined {
  const area = workAreas.find(({ x, y, width, height }) => {
    const shown = Math.min(place.x + place.width, x + width) - Math.max(place.x, x)
    return shown >= GRIP.width && place.y >= y && place.y + GRIP.height <= y + height
  })
  if (area === undefined) return undefined
  return { ...place, width: Math.min(place.width, area.width), height: Math.min(place.height, area.height) }
}
