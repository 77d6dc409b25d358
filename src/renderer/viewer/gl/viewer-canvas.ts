import {
  alignToScreen,
  type Camera,
  imageToScreen,
  type Point,
  type Rectangle,
  type Size,
} from '../camera.ts'
import type { PixelTile } from '../pixel-tiles.ts'
import type { ViewerLayer } from '../viewer-layer.ts'
import { type ChannelDraw, ImageRenderer } from './image-renderer.ts'

/** Red, green, blue; 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number]

/** What a layer may draw beyond the region that it says has changed: outlines, in screen pixels. */
const REGION_MARGIN = 2

/**
 * The canvas: the image, kept in a framebuffer of its own, and the layers over it. So a stroke costs a copy of the part that
 * it changed and the layers there, whatever the image cost to draw.
 */
export class ViewerCanvas {
  readonly #canvas: HTMLCanvasElement
  readonly #context: WebGL2RenderingContext
  #image: ImageRenderer
  /** The image as drawn last; undefined when it is to be made for the canvas's size. */
  #kept: { framebuffer: WebGLFramebuffer; colours: WebGLRenderbuffer } | undefined

  constructor(canvas: HTMLCanvasElement, context: WebGL2RenderingContext) {
    this.#canvas = canvas
    this.#context = context
    this.#image = new ImageRenderer(context)
  }

  /** undefined where there is no WebGL 2. */
  static create(canvas: HTMLCanvasElement): ViewerCanvas | undefined {
    const context = canvas.getContext('webgl2', {
      alpha: false,
      antialias: false,
      depth: false,
      stencil: false,
      // So that only the part that a stroke changed is drawn anew.
      preserveDrawingBuffer: true,
      powerPreference: 'high-performance',
    })
    return context === null ? undefined : new ViewerCanvas(canvas, context)
  }

  /** After a lost context came back: nothing that was made is there. */
  restore(): void {
    this.#image = new ImageRenderer(this.#context)
    this.#kept = undefined
  }

  get isLost(): boolean {
    return this.#context.isContextLost()
  }

  forget(tile: PixelTile): void {
    this.#image.forget(tile)
  }

  /** Draws the image into its framebuffer; `drawLayers` brings it to the screen. */
  drawImage(camera: Camera, image: Size, channels: readonly ChannelDraw[], background: Colour): void {
    this.#resize(camera)
    const context = this.#context
    const { framebuffer } = (this.#kept ??= this.#makeKept())
    const aligned = alignToScreen(camera)
    context.bindFramebuffer(context.FRAMEBUFFER, framebuffer)
    context.viewport(0, 0, this.#canvas.width, this.#canvas.height)
    context.disable(context.SCISSOR_TEST)
    context.clearColor(...background, 1)
    context.clear(context.COLOR_BUFFER_BIT)
    // Channels are added to black.
    context.enable(context.SCISSOR_TEST)
    this.#scissor(aligned, { x: 0, y: 0, ...image }, 0)
    context.clearColor(0, 0, 0, 1)
    context.clear(context.COLOR_BUFFER_BIT)
    this.#image.draw(aligned, channels)
    context.bindFramebuffer(context.FRAMEBUFFER, null)
  }

  /** @param region of the image that is drawn anew; undefined: everything */
  drawLayers(camera: Camera, layers: readonly ViewerLayer[], region: Rectangle | undefined): void {
    if (this.#kept === undefined) return
    const context = this.#context
    const { width, height } = this.#canvas
    const aligned = alignToScreen(camera)
    context.enable(context.SCISSOR_TEST)
    if (region === undefined) context.scissor(0, 0, width, height)
    else this.#scissor(aligned, region, REGION_MARGIN)
    context.bindFramebuffer(context.READ_FRAMEBUFFER, this.#kept.framebuffer)
    context.blitFramebuffer(
      0,
      0,
      width,
      height,
      0,
      0,
      width,
      height,
      context.COLOR_BUFFER_BIT,
      context.NEAREST,
    )
    context.bindFramebuffer(context.FRAMEBUFFER, null)
    for (const layer of layers) {
      context.viewport(0, 0, width, height)
      context.enable(context.BLEND)
      context.blendFunc(context.ONE, context.ONE_MINUS_SRC_ALPHA)
      context.pixelStorei(context.UNPACK_ALIGNMENT, 1)
      layer.draw(context, aligned)
    }
  }

  dispose(): void {
    this.#image.dispose()
    this.#dropKept()
  }

  /** WebGL's scissor for a rectangle of the image: screen pixels, from the lower left corner. */
  #scissor(camera: Camera, { x, y, width, height }: Rectangle, margin: number): void {
    const { pixelRatio } = camera.viewport
    const toPixels = (point: Point): Point => {
      const screen = imageToScreen(camera, point)
      return { x: screen.x * pixelRatio, y: screen.y * pixelRatio }
    }
    const first = toPixels({ x, y })
    const last = toPixels({ x: x + width, y: y + height })
    // Rounded as the rasteriser does: a pixel belongs to what covers its middle.
    const left = Math.max(0, Math.round(first.x) - margin)
    const top = Math.max(0, Math.round(first.y) - margin)
    const right = Math.min(this.#canvas.width, Math.round(last.x) + margin)
    const bottom = Math.min(this.#canvas.height, Math.round(last.y) + margin)
    this.#context.scissor(
      left,
      this.#canvas.height - bottom,
      Math.max(0, right - left),
      Math.max(0, bottom - top),
    )
  }

  #resize({ viewport }: Camera): void {
    const width = Math.round(viewport.width * viewport.pixelRatio)
    const height = Math.round(viewport.height * viewport.pixelRatio)
    if (this.#canvas.width === width && this.#canvas.height === height) return
    this.#canvas.width = width
    this.#canvas.height = height
    this.#dropKept()
  }

  #makeKept(): { framebuffer: WebGLFramebuffer; colours: WebGLRenderbuffer } {
    const context = this.#context
    const framebuffer = context.createFramebuffer()
    const colours = context.createRenderbuffer()
    context.bindRenderbuffer(context.RENDERBUFFER, colours)
    context.renderbufferStorage(context.RENDERBUFFER, context.RGBA8, this.#canvas.width, this.#canvas.height)
    context.bindFramebuffer(context.FRAMEBUFFER, framebuffer)
    context.framebufferRenderbuffer(
      context.FRAMEBUFFER,
      context.COLOR_ATTACHMENT0,
      context.RENDERBUFFER,
      colours,
    )
    return { framebuffer, colours }
  }

  #dropKept(): void {
    if (this.#kept === undefined) return
    this.#context.deleteFramebuffer(this.#kept.framebuffer)
    this.#context.deleteRenderbuffer(this.#kept.colours)
    this.#kept = undefined
  }
}
