import type { GraphBuilder, Value } from '../graph-builder.ts'
import type { Extent } from './operator.ts'

/** Images and what the places of a grid hold of them, each the transpose of the other. */
export interface WindowTransform {
  /** From `[channels * batch, values * height, values * width]` of the grid to `[channels, batch, step * height, step * width]`. */
  toImages(values: Value): Value
  /** The other way. */
  fromImages(images: Value): Value
}

/**
 * Each place (y, x) of a grid reaches a window of pixels that overlaps with its neighbours' by two: those from `step * y - 1` to
 * `step * y + step`, and from `step * x - 1` on. What falls outside the image is cut off. Pixels are sums of the places' values,
 * in each direction with weights of its own: two products with constant matrices, cheaper than to cut, pad and interleave rows
 * of a few pixels.
 * @param weights what each value of a place counts for each of the `step + 2` pixels of its window, in one direction
 */
export function windowTransform(
  builder: GraphBuilder,
  grid: Extent,
  channels: number,
  weights: readonly (readonly number[])[],
): WindowTransform {
  const step = (weights[0] as readonly number[]).length - 2
  const planes = channels * grid.batch
  const [height, width] = [step * grid.height, step * grid.width]
  const [valuesY, valuesX] = [weights.length * grid.height, weights.length * grid.width]
  return {
    toImages(values) {
      const rows = builder.node(
        'MatMul',
        [builder.reshape(values, [planes * valuesY, valuesX]), matrix(grid.width, true)],
        [planes * valuesY, width],
      )
      const images = builder.node(
        'MatMul',
        [matrix(grid.height, false), builder.reshape(rows, [planes, valuesY, width])],
        [planes, height, width],
      )
      return builder.reshape(images, [channels, grid.batch, height, width])
    },
    fromImages(images) {
      const rows = builder.node(
        'MatMul',
        [builder.reshape(images, [planes * height, width]), matrix(grid.width, false)],
        [planes * height, valuesX],
      )
      return builder.node(
        'MatMul',
        [matrix(grid.height, true), builder.reshape(rows, [planes, height, valuesX])],
        [planes, valuesY, valuesX],
      )
    },
  }

  /** `[pixels, values * places]` along one direction; transposed, `[values * places, pixels]`. */
  function matrix(places: number, transposed: boolean): Value {
    const [pixels, values] = [step * places, weights.length * places]
    const data = new Array<number>(pixels * values).fill(0)
    weights.forEach((ofValue, value) => {
      for (let place = 0; place < places; place++) {
        ofValue.forEach((weight, offset) => {
          const pixel = step * place - 1 + offset
          if (pixel < 0 || pixel >= pixels) return
          const column = value * places + place
          data[transposed ? column * pixels + pixel : pixel * values + column] = weight
        })
      }
    })
    return builder.constant(data, transposed ? [values, pixels] : [pixels, values])
  }
}
