import type { Raster } from '../../../src/model/images/image-source.ts'
import type { LabelMap } from '../../../src/model/images/label-map.ts'

/** Three classes drawn as digits, made to be awkward: corners that touch, a ring, a hook, a line, single pixels, borders. */
export const shapes = labelsFromText(`
  11000000000000000000000000000022
  11100000011111000000200000000222
  01110000110001100002220000002222
  00010000110001100022222000000000
  00001000110001100222222200000000
  00000100011111000022222000111000
  00000100000000000002220000101000
  00000000000000000000200000111110
  01000001011111111000000000000010
  01000001000000000111000002222010
  01000001000220000000000020002010
  01111111000220001000000020102010
  00000000000000000000000002222010
  00110000000000000000000000000010
  00111100000111111111111111111110
  00011110000000000000000000000000
  20000111000000000000000000022000
  22000011000000111110000000221100
`)

/** Intensities without a pattern; the second channel is large and nearly constant. */
export const shapesImage: Raster = {
  channels: 2,
  width: shapes.width,
  height: shapes.height,
  samples: Float64Array.from({ length: 2 * shapes.values.length }, (_, at) => {
    const index = at % shapes.values.length
    return at < shapes.values.length ? (index * 7919) % 4096 : 1e9 + (index % 5)
  }),
}

function labelsFromText(text: string): LabelMap {
  const rows = text.trim().split(/\s+/)
  return {
    width: (rows[0] as string).length,
    height: rows.length,
    values: Uint8Array.from(rows.join(''), Number),
  }
}
