import { LABEL_TILE_SIZE } from '../../../preload/contract/label-tiles.ts'
import {
  type Camera,
  imageToClip,
  magnification,
  type Rectangle,
  visibleRectangle,
} from '../../viewer/camera.ts'
import { createProgram } from '../../viewer/gl/program.ts'
import type { ViewerLayer } from '../../viewer/viewer-layer.ts'
import type { TileRange } from '../plane/label-plane.ts'
import type { LabelLevels } from './label-levels.ts'
import { labelFragmentShader, labelVertexShader } from './label-shaders.ts'
import { LabelTextures, nearestTexture } from './label-textures.ts'

const SIZE = LABEL_TILE_SIZE
/** Labels may be seen this much smaller than a pixel of the screen before the next level is taken: log2 of it. */
const LEVEL_BIAS = 0.25
/** CSS pixels around a change that an outline's or a reduced pixel's edge may change with it. */
const CHANGE_MARGIN = 4

/** How labels are shown. */
export interface LabelStyle {
  /** By class value: `#E69F00`. */
  colours: ReadonlyMap<number, string>
  /** 0 to 1. */
  opacity: number
  style: 'filled' | 'outlines'
  hidden: boolean
}

export interface LabelLayerSurroundings {
  /** Draws anew with the next frame; `region` of the image, where nothing else changed. */
  requestDraw(region?: Rectangle): void
  /** Labels that are to be seen could not be fetched. */
  loadingFailed(thrown: unknown, again: () => void): void
}

/** What the graphics system holds for the layer. */
interface Drawing {
  program: WebGLProgram
  uniforms: Map<string, WebGLUniformLocation | null>
  textures: LabelTextures
  colours: WebGLTexture
  /** Columns and rows of the tiles that are drawn. */
  tiles: WebGLBuffer
  vertices: WebGLVertexArrayObject
}

/** Draws a plane's labels over the image. Background is hatched; what is not labelled is not drawn at all. */
export class LabelLayer implements ViewerLayer {
  readonly #levels: LabelLevels
  readonly #surroundings: LabelLayerSurroundings
  readonly #stopListening: () => void
  #style: LabelStyle = { colours: new Map(), opacity: 0.5, style: 'filled', hidden: false }
  #context: WebGL2RenderingContext | undefined
  #drawing: Drawing | undefined
  #coloursChanged = true
  #zoom = 1
  /** Level and range that was asked for last. */
  #wanted = ''

  constructor(levels: LabelLevels, surroundings: LabelLayerSurroundings) {
    this.#levels = levels
    this.#surroundings = surroundings
    this.#stopListening = levels.onChange((level, column, row, pixels) => {
      this.#drawing?.textures.changed(level, column, row, pixels)
      surroundings.requestDraw(this.#regionOf(level, column, row, pixels))
    })
  }

  setStyle(style: LabelStyle): void {
    this.#style = style
    this.#coloursChanged = true
    this.#surroundings.requestDraw()
  }

  draw(context: WebGL2RenderingContext, camera: Camera): void {
    this.#zoom = camera.zoom
    if (this.#style.hidden || this.#style.opacity === 0) return
    const drawing = this.#prepare(context)
    const { level, range } = this.#visible(camera, drawing.textures.layers)
    this.#load(level, range)
    const tiles = drawing.textures.bind(level, range)
    if (tiles.length === 0) return
    this.#bindColours(context, drawing)
    context.useProgram(drawing.program)
    const { scale, offset } = imageToClip(camera)
    const { width, height } = this.#levels.plane
    const texelSize = 2 ** level
    const uniform = (name: string) => drawing.uniforms.get(name) ?? null
    context.uniform2f(uniform('clipScale'), ...scale)
    context.uniform2f(uniform('clipOffset'), ...offset)
    context.uniform1f(uniform('texelSize'), texelSize)
    context.uniform2f(uniform('levelSize'), Math.ceil(width / texelSize), Math.ceil(height / texelSize))
    context.uniform2f(uniform('imageSize'), width, height)
    context.uniform2i(uniform('firstPage'), range.columns[0], range.rows[0])
    context.uniform1f(uniform('opacity'), this.#style.opacity)
    context.uniform1f(uniform('texelsPerPixel'), 1 / (magnification(camera) * texelSize))
    context.uniform1f(uniform('pixelRatio'), camera.viewport.pixelRatio)
    context.uniform1i(uniform('outlines'), this.#style.style === 'outlines' ? 1 : 0)
    context.uniform1i(uniform('labels'), 0)
    context.uniform1i(uniform('pages'), 1)
    context.uniform1i(uniform('colours'), 2)
    context.bindVertexArray(drawing.vertices)
    context.bindBuffer(context.ARRAY_BUFFER, drawing.tiles)
    context.bufferData(context.ARRAY_BUFFER, new Float32Array(tiles), context.DYNAMIC_DRAW)
    context.enable(context.BLEND)
    context.blendFunc(context.ONE, context.ONE_MINUS_SRC_ALPHA)
    context.drawArraysInstanced(context.TRIANGLE_STRIP, 0, 4, tiles.length / 2)
    context.bindVertexArray(null)
  }

  contextLost(): void {
    this.#drawing = undefined
    this.#context = undefined
  }

  dispose(): void {
    this.#stopListening()
    if (this.#context === undefined || this.#drawing === undefined) return
    const { program, textures, colours, tiles, vertices } = this.#drawing
    textures.dispose()
    this.#context.deleteTexture(colours)
    this.#context.deleteBuffer(tiles)
    this.#context.deleteVertexArray(vertices)
    this.#context.deleteProgram(program)
    this.contextLost()
  }

  /** The level whose pixels are about the screen's, or a coarser one where that has too many tiles. */
  #visible(camera: Camera, mostTiles: number): { level: number; range: TileRange } {
    const seen = visibleRectangle(camera)
    const { plane, lastLevel } = this.#levels
    const exact = Math.ceil(-Math.log2(magnification(camera)) - LEVEL_BIAS)
    for (let level = Math.min(lastLevel, Math.max(0, exact)); ; level++) {
      const size = SIZE * 2 ** level
      const clamped = (at: number, length: number) => Math.min(Math.ceil(length / size) - 1, Math.max(0, at))
      const span = (start: number, extent: number, length: number): [number, number] => [
        clamped(Math.floor(start / size), length),
        clamped(Math.floor((start + extent) / size), length),
      ]
      const columns = span(seen.x, seen.width, plane.width)
      const rows = span(seen.y, seen.height, plane.height)
      const count = (columns[1] - columns[0] + 1) * (rows[1] - rows[0] + 1)
      if (count <= mostTiles || level === lastLevel) return { level, range: { columns, rows } }
    }
  }

  #load(level: number, range: TileRange): void {
    const wanted = [level, ...range.columns, ...range.rows].join(' ')
    if (wanted === this.#wanted) return
    this.#wanted = wanted
    this.#levels.load(level, range).catch((thrown: unknown) => {
      this.#surroundings.loadingFailed(thrown, () => {
        this.#wanted = ''
        this.#surroundings.requestDraw()
      })
    })
  }

  #regionOf(level: number, column: number, row: number, { x, y, width, height }: Rectangle): Rectangle {
    const size = 2 ** level
    const margin = CHANGE_MARGIN / this.#zoom + size
    return {
      x: (column * SIZE + x) * size - margin,
      y: (row * SIZE + y) * size - margin,
      width: width * size + 2 * margin,
      height: height * size + 2 * margin,
    }
  }

  #prepare(context: WebGL2RenderingContext): Drawing {
    this.#context = context
    if (this.#drawing !== undefined) return this.#drawing
    const program = createProgram(context, labelVertexShader, labelFragmentShader)
    const count = context.getProgramParameter(program, context.ACTIVE_UNIFORMS) as number | null
    const uniforms = new Map<string, WebGLUniformLocation | null>()
    for (let index = 0; index < (count ?? 0); index++) {
      const name = context.getActiveUniform(program, index)?.name
      if (name !== undefined) uniforms.set(name, context.getUniformLocation(program, name))
    }
    const tiles = context.createBuffer()
    const vertices = context.createVertexArray()
    context.bindVertexArray(vertices)
    context.bindBuffer(context.ARRAY_BUFFER, tiles)
    const attribute = context.getAttribLocation(program, 'tile')
    if (attribute >= 0) {
      context.enableVertexAttribArray(attribute)
      context.vertexAttribPointer(attribute, 2, context.FLOAT, false, 0, 0)
      context.vertexAttribDivisor(attribute, 1)
    }
    context.bindVertexArray(null)
    this.#coloursChanged = true
    const textures = new LabelTextures(context, this.#levels)
    const colours = nearestTexture(context, context.TEXTURE_2D)
    this.#drawing = { program, uniforms, textures, colours, tiles, vertices }
    return this.#drawing
  }

  /** To unit 2. */
  #bindColours(context: WebGL2RenderingContext, { colours }: Drawing): void {
    context.activeTexture(context.TEXTURE2)
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
