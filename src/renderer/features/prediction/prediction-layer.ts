import { PREDICTION_TILE_SIZE } from '../../../preload/contract/addresses.ts'
import type { PredictionTile } from '../../../preload/contract/prediction-tiles.ts'
import { nearestTexture } from '../../labelling/layer/label-textures.ts'
import {
  type Camera,
  imageToClip,
  magnification,
  type Rectangle,
  type Size,
  visibleRectangle,
} from '../../viewer/camera.ts'
import { createProgram } from '../../viewer/gl/program.ts'
import type { ViewerLayer } from '../../viewer/viewer-layer.ts'
import { predictionFragmentShader, predictionVertexShader } from './prediction-shaders.ts'
import type { PredictionTiles, TilePlace } from './prediction-tiles.ts'

const SIZE = PREDICTION_TILE_SIZE
/** Of which a plane that is cut into parts takes about a second each. */
const MOST_TILES_SEEN = 36

/** Where the tiles come from. */
export type PredictedTiles = Pick<PredictionTiles, 'get' | 'want'>

/** How a prediction is shown. */
export interface PredictionStyle {
  /** By class value: `#E69F00`. */
  colours: ReadonlyMap<number, string>
  /** Of the predicted classes, 0 (not drawn) to 1. */
  classes: number
  /** Of the uncertainty, which lies below them: 0 (not drawn) to 1. */
  uncertainty: number
}

interface Drawing {
  program: WebGLProgram
  colours: WebGLTexture
  textures: Map<PredictionTile, WebGLTexture>
  vertices: WebGLVertexArrayObject
}

/** Draws what a network predicts over the image, and asks for what is seen: the middle first. */
export class PredictionLayer implements ViewerLayer {
  readonly #tiles: PredictedTiles
  readonly #image: Size
  readonly #tooMuch: (isTooMuch: boolean) => void
  #style: PredictionStyle = { colours: new Map(), classes: 0, uncertainty: 0 }
  #coloursChanged = true
  #context: WebGL2RenderingContext | undefined
  #drawing: Drawing | undefined
  #wanted = ''
  #seen: Rectangle = { x: 0, y: 0, width: 0, height: 0 }

  /** @param tooMuch told whether more is seen than is predicted at a time */
  constructor(tiles: PredictedTiles, image: Size, tooMuch: (isTooMuch: boolean) => void) {
    this.#tiles = tiles
    this.#image = image
    this.#tooMuch = tooMuch
  }

  /** The part of the plane that the screen shows; it may reach beyond the image. */
  get seen(): Rectangle {
    return this.#seen
  }

  /** To be drawn anew by the caller. */
  setStyle(style: PredictionStyle): void {
    this.#style = style
    this.#coloursChanged = true
  }

  draw(context: WebGL2RenderingContext, camera: Camera): void {
    this.#seen = visibleRectangle(camera)
    const places = this.#visible(camera)
    this.#want(places)
    const drawing = this.#prepare(context)
    context.useProgram(drawing.program)
    const uniform = (name: string) => context.getUniformLocation(drawing.program, name)
    const { scale, offset } = imageToClip(camera)
    context.uniform2f(uniform('clipScale'), ...scale)
    context.uniform2f(uniform('clipOffset'), ...offset)
    context.uniform1f(uniform('texelsPerPixel'), 1 / magnification(camera))
    context.uniform1f(uniform('pixelRatio'), camera.viewport.pixelRatio)
    context.uniform1i(uniform('tile'), 0)
    context.uniform1i(uniform('colours'), 1)
    this.#bindColours(context, drawing)
    context.bindVertexArray(drawing.vertices)
    context.enable(context.BLEND)
    context.blendFunc(context.ONE, context.ONE_MINUS_SRC_ALPHA)
    context.activeTexture(context.TEXTURE0)
    const tiles = places.flatMap(([column, row]) => {
      const tile = this.#tiles.get(column, row)
      return tile === undefined ? [] : { column, row, tile }
    })
    const { uncertainty, classes } = this.#style
    for (const pass of [
      { showsUncertainty: 1, opacity: uncertainty },
      { showsUncertainty: 0, opacity: classes },
    ]) {
      if (pass.opacity === 0) continue
      context.uniform1i(uniform('showsUncertainty'), pass.showsUncertainty)
      context.uniform1f(uniform('opacity'), pass.opacity)
      for (const { column, row, tile } of tiles) {
        context.bindTexture(context.TEXTURE_2D, this.#textureOf(context, drawing, tile))
        context.uniform2f(uniform('origin'), column * SIZE, row * SIZE)
        context.uniform2f(uniform('size'), tile.width, tile.height)
        context.drawArrays(context.TRIANGLE_STRIP, 0, 4)
      }
    }
    context.bindVertexArray(null)
    const seen = new Set(tiles.map(({ tile }) => tile))
    for (const [tile, texture] of drawing.textures) {
      if (seen.has(tile)) continue
      context.deleteTexture(texture)
      drawing.textures.delete(tile)
    }
  }

  contextLost(): void {
    this.#drawing = undefined
    this.#context = undefined
  }

  dispose(): void {
    if (this.#context !== undefined && this.#drawing !== undefined) {
      for (const texture of this.#drawing.textures.values()) this.#context.deleteTexture(texture)
      this.#context.deleteTexture(this.#drawing.colours)
      this.#context.deleteVertexArray(this.#drawing.vertices)
      this.#context.deleteProgram(this.#drawing.program)
    }
    this.contextLost()
  }

  /** The tiles that the camera sees, those in the middle first. */
  #visible(camera: Camera): TilePlace[] {
    const { x, y, width, height } = this.#seen
    const last = (length: number): number => Math.ceil(length / SIZE) - 1
    const lastColumn = Math.min(last(this.#image.width), Math.floor((x + width) / SIZE))
    const lastRow = Math.min(last(this.#image.height), Math.floor((y + height) / SIZE))
    const places: TilePlace[] = []
    for (let row = Math.max(0, Math.floor(y / SIZE)); row <= lastRow; row++) {
      for (let column = Math.max(0, Math.floor(x / SIZE)); column <= lastColumn; column++) {
        places.push([column, row])
      }
    }
    const distance = ([column, row]: TilePlace): number =>
      Math.hypot((column + 0.5) * SIZE - camera.x, (row + 0.5) * SIZE - camera.y)
    return places.sort((one, other) => distance(one) - distance(other))
  }

  #want(places: readonly TilePlace[]): void {
    const wanted = places.join(' ')
    if (wanted === this.#wanted) return
    this.#wanted = wanted
    const isTooMuch = places.length > MOST_TILES_SEEN
    this.#tiles.want(isTooMuch ? [] : places)
    this.#tooMuch(isTooMuch)
  }

  #prepare(context: WebGL2RenderingContext): Drawing {
    this.#context = context
    if (this.#drawing !== undefined) return this.#drawing
    this.#coloursChanged = true
    this.#drawing = {
      program: createProgram(context, predictionVertexShader, predictionFragmentShader),
      colours: nearestTexture(context, context.TEXTURE_2D),
      textures: new Map(),
      vertices: context.createVertexArray(),
    }
    return this.#drawing
  }

  #textureOf(context: WebGL2RenderingContext, { textures }: Drawing, tile: PredictionTile): WebGLTexture {
    const known = textures.get(tile)
    if (known !== undefined) return known
    const { width, height, values, uncertainty } = tile
    const pairs = new Uint8Array(2 * values.length)
    for (let at = 0; at < values.length; at++) {
      pairs[2 * at] = values[at] as number
      pairs[2 * at + 1] = uncertainty[at] as number
    }
    const texture = nearestTexture(context, context.TEXTURE_2D)
    context.pixelStorei(context.UNPACK_ALIGNMENT, 1)
    const { TEXTURE_2D, RG8UI, RG_INTEGER, UNSIGNED_BYTE } = context
    context.texImage2D(TEXTURE_2D, 0, RG8UI, width, height, 0, RG_INTEGER, UNSIGNED_BYTE, pairs)
    textures.set(tile, texture)
    return texture
  }

  /** To unit 1. */
  #bindColours(context: WebGL2RenderingContext, { colours }: Drawing): void {
    context.activeTexture(context.TEXTURE1)
    context.bindTexture(context.TEXTURE_2D, colours)
    if (!this.#coloursChanged) return
    this.#coloursChanged = false
    const table = new Uint8Array(256 * 4).fill(128)
    for (const [value, colour] of this.#style.colours) {
      const rgb = Number.parseInt(colour.slice(1), 16)
      table.set([rgb >> 16, (rgb >> 8) & 0xff, rgb & 0xff, 255], value * 4)
    }
    const { TEXTURE_2D, RGBA8, RGBA, UNSIGNED_BYTE } = context
    context.texImage2D(TEXTURE_2D, 0, RGBA8, 256, 1, 0, RGBA, UNSIGNED_BYTE, table)
  }
}
