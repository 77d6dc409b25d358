import type { AxisName } from '../../../model/images/image-source.ts'

/** An axis of this many or fewer that stands first or last is taken for channels. */
const MOST_CHANNELS = 4

/**
 * The axes of an array whose file does not name them, outermost first, as Fiji and ilastik would guess: the last two are height
 * and width, but for a short last axis, which holds interleaved channels.
 * @param shape 2 to 5 sizes
 */
export function guessAxes(shape: readonly number[]): AxisName[] {
  const isShort = (size: number | undefined): boolean => size !== undefined && size <= MOST_CHANNELS
  if (shape.length === 2) return ['y', 'x']
  if (isShort(shape.at(-1)) && !isShort(shape.at(-2))) {
    const before = (['t', 'z'] as const).slice(5 - shape.length)
    return [...before, 'y', 'x', 'c']
  }
  if (shape.length === 3) return [isShort(shape[0]) ? 'c' : 'z', 'y', 'x']
  if (shape.length === 4) {
    if (isShort(shape[0])) return ['c', 'z', 'y', 'x']
    return isShort(shape[1]) ? ['t', 'c', 'y', 'x'] : ['t', 'z', 'y', 'x']
  }
  return ['t', isShort(shape[1]) ? 'c' : 'z', isShort(shape[1]) ? 'z' : 'c', 'y', 'x']
}
