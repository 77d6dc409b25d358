import { PIXEL_TILE_SIZE } from '../../../preload/contract/addresses.ts'
import type { ChannelSettings } from '../../../preload/contract/viewer-settings.ts'
import { type Camera, imageToClip, magnification } from '../camera.ts'
import { LOOKUP_STEPS, lookupTable } from '../colour-maps.ts'
import type { Window } from '../contrast.ts'
import type { PixelTile } from '../pixel-tiles.ts'
import type { TilePart } from '../tile-grid.ts'
import { imageFragmentShader, imageVertexShader } from './image-shaders.ts'
import { createProgram } from './program.ts'
import { sampleFormat, type SampleFormat } from './sample-format.ts'

/** A part of the image, with the pixels to draw it from. */
export interface LoadedPart extends TilePart {
  readonly pixels: PixelTile
}

export interface ChannelDraw {
  readonly settings: ChannelSettings
  readonly window: Window
  readonly parts: readonly LoadedPart[]
}

interface ImageProgram {
  readonly program: WebGLProgram
  readonly uniform: (name: string) => WebGLUniformLocation | null
}

/** Draws channels of 8- to 32-bit samples as colours. Programs are compiled, and textures filled, when first used. */
export class ImageRenderer {
  readonly #context: WebGL2RenderingContext
  readonly #programs = new Map<string, ImageProgram>()
  readonly #textures = new Map<PixelTile, WebGLTexture>()
  readonly #lookupTables = new Map<string, WebGLTexture>()

  constructor(context: WebGL2RenderingContext) {
    this.#context = context
  }

  /** Adds the channels' colours to what is in the framebuffer. */
  draw(camera: Camera, channels: readonly ChannelDraw[]): void {
    const context = this.#context
    context.enable(context.BLEND)
    context.blendFunc(context.ONE, context.ONE)
    const isSmooth = magnification(camera) < 1
    const used = new Set<string>()
    for (const { settings, window, parts } of channels) {
      const [first] = parts
      if (first === undefined) continue
      const format = sampleFormat(context, first.pixels.samples)
      const { program, uniform } = this.#program(format, isSmooth)
      const { scale, offset } = imageToClip(camera)
      context.useProgram(program)
      context.uniform2f(uniform('clipScale'), ...scale)
      context.uniform2f(uniform('clipOffset'), ...offset)
      context.uniform1i(uniform('samples'), 0)
      context.uniform1i(uniform('colours'), 1)
      context.uniform1f(uniform('low'), window[0])
      context.uniform1f(uniform('stepsPerValue'), (LOOKUP_STEPS - 1) / (window[1] - window[0]))
      context.uniform1f(uniform('lastStep'), LOOKUP_STEPS - 1)
      context.activeTexture(context.TEXTURE1)
      context.bindTexture(context.TEXTURE_2D, this.#lookupTable(settings, used))
      context.activeTexture(context.TEXTURE0)
      for (const { tile, part, pixels } of parts) {
        const level = 2 ** tile.level
        context.bindTexture(context.TEXTURE_2D, this.#texture(pixels, format))
        context.uniform4f(uniform('part'), part.x, part.y, part.width, part.height)
        context.uniform2f(
          uniform('tileOrigin'),
          tile.column * PIXEL_TILE_SIZE * level,
          tile.row * PIXEL_TILE_SIZE * level,
        )
        context.uniform1f(uniform('tileScale'), 1 / level)
        context.uniform2i(uniform('lastTexel'), pixels.width - 1, pixels.height - 1)
        context.drawArrays(context.TRIANGLE_STRIP, 0, 4)
      }
    }
    this.#dropUnusedTables(used)
  }

  /** Gives a tile's texture back. */
  forget(tile: PixelTile): void {
    const texture = this.#textures.get(tile)
    if (texture === undefined) return
    this.#context.deleteTexture(texture)
    this.#textures.delete(tile)
  }

  dispose(): void {
    for (const { program } of this.#programs.values()) this.#context.deleteProgram(program)
    for (const texture of this.#textures.values()) this.#context.deleteTexture(texture)
    for (const texture of this.#lookupTables.values()) this.#context.deleteTexture(texture)
  }

  #program({ kind }: SampleFormat, isSmooth: boolean): ImageProgram {
    const name = `${kind} ${isSmooth}`
    let found = this.#programs.get(name)
    if (found === undefined) {
      const program = createProgram(this.#context, imageVertexShader, imageFragmentShader(kind, isSmooth))
      const locations = new Map<string, WebGLUniformLocation | null>()
      const uniform = (of: string): WebGLUniformLocation | null => {
        if (!locations.has(of)) locations.set(of, this.#context.getUniformLocation(program, of))
        return locations.get(of) ?? null
      }
      found = { program, uniform }
      this.#programs.set(name, found)
    }
    return found
  }

  /** Bound to the active unit's target. */
  #texture(tile: PixelTile, { internal, format, type }: SampleFormat): WebGLTexture {
    const known = this.#textures.get(tile)
    if (known !== undefined) return known
    const texture = this.#createTexture()
    const context = this.#context
    context.pixelStorei(context.UNPACK_ALIGNMENT, 1)
    const { width, height, samples } = tile
    context.texImage2D(context.TEXTURE_2D, 0, internal, width, height, 0, format, type, samples)
    this.#textures.set(tile, texture)
    return texture
  }

  #lookupTable(settings: ChannelSettings, used: Set<string>): WebGLTexture {
    const { colourMap, colour, gamma } = settings
    const name = [colourMap, colourMap === 'colour' ? colour : '', gamma].join(' ')
    used.add(name)
    const known = this.#lookupTables.get(name)
    if (known !== undefined) return known
    const texture = this.#createTexture()
    const context = this.#context
    context.texImage2D(
      context.TEXTURE_2D,
      0,
      context.RGBA8,
      LOOKUP_STEPS,
      1,
      0,
      context.RGBA,
      context.UNSIGNED_BYTE,
      lookupTable(settings),
    )
    this.#lookupTables.set(name, texture)
    return texture
  }

  #dropUnusedTables(used: ReadonlySet<string>): void {
    for (const [name, texture] of this.#lookupTables) {
      if (used.has(name)) continue
      this.#context.deleteTexture(texture)
      this.#lookupTables.delete(name)
    }
  }

  /** Left bound. Integer textures know no other filter, and none is wanted of the others. */
  #createTexture(): WebGLTexture {
    const context = this.#context
    const texture = context.createTexture()
    context.bindTexture(context.TEXTURE_2D, texture)
    context.texParameteri(context.TEXTURE_2D, context.TEXTURE_MIN_FILTER, context.NEAREST)
    context.texParameteri(context.TEXTURE_2D, context.TEXTURE_MAG_FILTER, context.NEAREST)
    return texture
  }
}
