import { LABEL_TILE_SIZE } from '../../../preload/contract/label-tiles.ts'
import type { Rectangle } from '../../viewer/camera.ts'
import { type TileRange, tilesOf, union } from '../plane/label-plane.ts'
import type { LabelLevels } from './label-levels.ts'

const SIZE = LABEL_TILE_SIZE
/** More than a screen of 3840 x 2160 pixels shows; 20 MB. */
const MOST_LAYERS = 320
const NO_LAYER = 0xffff

/**
 * The tiles that the screen shows, as layers of one texture, and a small texture that tells which layer holds which
 * tile. Of a tile that is there already, only what changed is sent to the graphics system.
 */
export class LabelTextures {
  readonly layers: number
  readonly #context: WebGL2RenderingContext
  readonly #levels: LabelLevels
  readonly #labels: WebGLTexture
  readonly #pages: WebGLTexture
  /** The longest unused first. */
  readonly #layerOf = new Map<string, number>()
  readonly #free: number[]
  readonly #changed = new Map<string, Rectangle>()

  constructor(context: WebGL2RenderingContext, levels: LabelLevels) {
    this.#context = context
    this.#levels = levels
    const limit = context.getParameter(context.MAX_ARRAY_TEXTURE_LAYERS) as number
    this.layers = Math.min(MOST_LAYERS, limit)
    this.#free = Array.from({ length: this.layers }, (_, layer) => layer)
    this.#labels = nearestTexture(context, context.TEXTURE_2D_ARRAY)
    context.texStorage3D(context.TEXTURE_2D_ARRAY, 1, context.R8UI, SIZE, SIZE, this.layers)
    this.#pages = nearestTexture(context, context.TEXTURE_2D)
  }

  dispose(): void {
    this.#context.deleteTexture(this.#labels)
    this.#context.deleteTexture(this.#pages)
  }

  /** A part of a tile is another now. */
  changed(level: number, column: number, row: number, pixels: Rectangle): void {
    const name = `${level} ${column} ${row}`
    if (this.#layerOf.has(name)) this.#changed.set(name, union(this.#changed.get(name), pixels))
  }

  /**
   * Binds the labels to unit 0 and the pages of a range, no larger than `layers`, to unit 1.
   * @returns the tiles that have labels: column and row of each
   */
  bind(level: number, range: TileRange): number[] {
    const context = this.#context
    const shown: number[] = []
    const width = range.columns[1] - range.columns[0] + 1
    const pages = new Uint16Array(width * (range.rows[1] - range.rows[0] + 1)).fill(NO_LAYER)
    context.activeTexture(context.TEXTURE0)
    context.bindTexture(context.TEXTURE_2D_ARRAY, this.#labels)
    for (const [column, row] of tilesOf(range)) {
      const layer = this.#upload(level, column, row)
      if (layer === undefined) continue
      pages[(row - range.rows[0]) * width + column - range.columns[0]] = layer
      shown.push(column, row)
    }
    context.activeTexture(context.TEXTURE1)
    context.bindTexture(context.TEXTURE_2D, this.#pages)
    context.pixelStorei(context.UNPACK_ALIGNMENT, 1)
    context.texImage2D(
      context.TEXTURE_2D,
      0,
      context.R16UI,
      width,
      pages.length / width,
      0,
      context.RED_INTEGER,
      context.UNSIGNED_SHORT,
      pages,
    )
    return shown
  }

  #upload(level: number, column: number, row: number): number | undefined {
    const name = `${level} ${column} ${row}`
    const values = this.#levels.tile(level, column, row)
    const known = this.#layerOf.get(name)
    if (known !== undefined) this.#layerOf.delete(name)
    if (values === undefined) {
      if (known !== undefined) this.#free.push(known)
      this.#changed.delete(name)
      return undefined
    }
    const layer = known ?? this.#takeLayer()
    this.#layerOf.set(name, layer)
    if (known === undefined) this.#send(layer, values, { x: 0, y: 0, width: SIZE, height: SIZE })
    else {
      const changed = this.#changed.get(name)
      if (changed !== undefined) this.#send(layer, values, changed)
    }
    this.#changed.delete(name)
    return layer
  }

  #takeLayer(): number {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const [oldest] = this.#layerOf as Iterable<[string, number]>
    const [name, layer] = oldest as [string, number]
    this.#layerOf.delete(name)
    this.#changed.delete(name)
    return layer
  }

  #send(layer: number, values: Uint8Array, { x, y, width, height }: Rectangle): void {
    const context = this.#context
    context.pixelStorei(context.UNPACK_ALIGNMENT, 1)
    context.pixelStorei(context.UNPACK_ROW_LENGTH, SIZE)
    context.texSubImage3D(
      context.TEXTURE_2D_ARRAY,
      0,
      x,
      y,
      layer,
      width,
      height,
      1,
      context.RED_INTEGER,
      context.UNSIGNED_BYTE,
      values,
      y * SIZE + x,
    )
    context.pixelStorei(context.UNPACK_ROW_LENGTH, 0)
  }
}

/** Left bound. */
export function nearestTexture(context: WebGL2RenderingContext, target: GLenum): WebGLTexture {
  const texture = context.createTexture()
  context.bindTexture(target, texture)
  context.texParameteri(target, context.TEXTURE_MIN_FILTER, context.NEAREST)
  context.texParameteri(target, context.TEXTURE_MAG_FILTER, context.NEAREST)
  context.texParameteri(target, context.TEXTURE_WRAP_S, context.CLAMP_TO_EDGE)
  context.texParameteri(target, context.TEXTURE_WRAP_T, context.CLAMP_TO_EDGE)
  return texture
}
