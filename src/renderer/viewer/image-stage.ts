import type { Problem } from '../../preload/contract/base.ts'
import type { ImageDetails } from '../../preload/contract/images.ts'
import type { ViewerSettings } from '../../preload/contract/viewer-settings.ts'
import type { Camera, Point, Rectangle } from './camera.ts'
import { channelsOf, windowsOf } from './contrast.ts'
import { type ChannelDraw, type LoadedPart } from './gl/image-renderer.ts'
import { type Colour, ViewerCanvas } from './gl/viewer-canvas.ts'
import { PixelTiles } from './pixel-tiles.ts'
import { pixelUnder, coverTile, levelFor, tilesToLoad, visibleTiles, type Tile } from './tile-grid.ts'
import type { ViewerLayer } from './viewer-layer.ts'

/** Everything that the canvas is drawn from. */
export interface Scene {
  readonly details: ImageDetails
  readonly page: number
  readonly settings: Pick<ViewerSettings, 'channels'>
  readonly camera: Camera
  readonly layers: readonly ViewerLayer[]
}

export interface StageEvents {
  /** Around the image. */
  background(): Colour
  /** Pixels came, or were drawn: what lies under the pointer may be known now. */
  pixelsArrived(): void
  failed(problem: Problem): void
}

/** How long the image before stays on the screen while the next one's pixels come: without it, every change flashes. */
const LONGEST_HOLD_MS = 250

/** Draws a scene with the next frame after something changed, and never otherwise. */
export class ImageStage {
  readonly #canvas: ViewerCanvas
  readonly #tiles: PixelTiles
  readonly #events: StageEvents
  readonly #element: HTMLCanvasElement
  #scene: Scene
  /** What the next frame draws anew. */
  #isImageDue = true
  #regionDue: Rectangle | 'everything' | undefined
  #frame: number | undefined
  /** `performance.now()` until which the image before may stay. */
  #heldUntil = 0
  #holdTimer: ReturnType<typeof setTimeout> | undefined

  private constructor(element: HTMLCanvasElement, canvas: ViewerCanvas, scene: Scene, events: StageEvents) {
    this.#element = element
    this.#canvas = canvas
    this.#events = events
    this.#scene = scene
    this.#tiles = new PixelTiles({
      loaded: () => {
        this.drawImage()
        events.pixelsArrived()
      },
      failed: (problem) => {
        this.#heldUntil = 0
        this.drawImage()
        events.failed(problem)
      },
      dropped: (tile) => canvas.forget(tile),
    })
    element.addEventListener('webglcontextlost', this.#onLost)
    element.addEventListener('webglcontextrestored', this.#onRestored)
    this.drawImage()
  }

  /** undefined where there is no WebGL 2. */
  static create(element: HTMLCanvasElement, scene: Scene, events: StageEvents): ImageStage | undefined {
    const canvas = ViewerCanvas.create(element)
    return canvas && new ImageStage(element, canvas, scene, events)
  }

  /** Draws the image and the layers anew where the scene is another. */
  show(scene: Scene): void {
    const before = this.#scene
    this.#scene = scene
    if (before.details !== scene.details || before.page !== scene.page) {
      this.#heldUntil = performance.now() + LONGEST_HOLD_MS
      clearTimeout(this.#holdTimer)
      this.#holdTimer = setTimeout(() => this.drawImage(), LONGEST_HOLD_MS)
    }
    const isImageSame =
      before.details === scene.details &&
      before.page === scene.page &&
      before.settings.channels === scene.settings.channels &&
      before.camera === scene.camera
    if (isImageSame) this.drawLayers()
    else this.drawImage()
  }

  /** Draws everything with the next frame. */
  drawImage(): void {
    this.#isImageDue = true
    this.drawLayers()
  }

  /** Draws the layers with the next frame. @param region of the image, where nothing else changed */
  drawLayers(region?: Rectangle): void {
    if (region === undefined) this.#regionDue = 'everything'
    else if (this.#regionDue === undefined) this.#regionDue = region
    else if (this.#regionDue !== 'everything') this.#regionDue = union(this.#regionDue, region)
    this.#frame ??= requestAnimationFrame(this.#draw)
  }

  /** Asks again for pixels that did not come. */
  retry(): void {
    this.#tiles.retry()
  }

  /**
   * The values of every channel at a point of the image, from the finest tile that is loaded; `meanOf` is the side of the
   * square that they are the mean of.
   */
  valuesAt(point: Point): { values: (number | undefined)[]; meanOf: number } {
    const { details } = this.#scene
    const channels = Array.from({ length: details.channels }, (_, channel) => channel)
    for (let level = 0; level < details.levels; level++) {
      const { tile, x, y } = pixelUnder(point, level)
      const values = channels.map((channel) => {
        const pixels = this.#tiles.get(this.#place(tile, channel))
        return pixels?.samples[y * pixels.width + x]
      })
      if (values.some((value) => value !== undefined)) return { values, meanOf: 2 ** level }
    }
    return { values: channels.map(() => undefined), meanOf: 1 }
  }

  dispose(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    clearTimeout(this.#holdTimer)
    this.#element.removeEventListener('webglcontextlost', this.#onLost)
    this.#element.removeEventListener('webglcontextrestored', this.#onRestored)
    this.#tiles.dispose()
    this.#canvas.dispose()
  }

  readonly #draw = (): void => {
    this.#frame = undefined
    if (this.#canvas.isLost) return
    const { camera, details, layers } = this.#scene
    if (this.#isImageDue) {
      const { channels, isWhole } = this.#channels()
      if (!isWhole && performance.now() < this.#heldUntil) return
      this.#heldUntil = 0
      this.#canvas.drawImage(camera, details, channels, this.#events.background())
      this.#isImageDue = false
      this.#regionDue = 'everything'
    }
    if (this.#regionDue === undefined) return
    this.#canvas.drawLayers(camera, layers, this.#regionDue === 'everything' ? undefined : this.#regionDue)
    this.#regionDue = undefined
  }

  /** What there is to draw, after asking for what there should be. */
  #channels(): { channels: ChannelDraw[]; isWhole: boolean } {
    const { details, settings, camera } = this.#scene
    const all = channelsOf(settings, details)
    const windows = windowsOf(all, details)
    const shown = all.flatMap((channel, index) => (channel.shown ? [{ channel, index }] : []))
    this.#tiles.want(
      tilesToLoad(camera, details).flatMap((tile) => shown.map(({ index }) => this.#place(tile, index))),
    )
    const seen = visibleTiles(camera, details, levelFor(camera, details))
    let isWhole = true
    const channels = shown.map(({ channel, index }): ChannelDraw => {
      const parts = seen.flatMap((wanted): LoadedPart[] => {
        const cover = coverTile(wanted, details, (tile) => this.#tiles.has(this.#place(tile, index)))
        if (cover.length === 0) isWhole = false
        return cover.flatMap(({ tile, part }) => {
          const pixels = this.#tiles.get(this.#place(tile, index))
          return pixels === undefined ? [] : [{ tile, part, pixels }]
        })
      })
      return { settings: channel, window: windows[index] ?? [0, 1], parts }
    })
    return { channels, isWhole }
  }

  #place(tile: Tile, channel: number): Tile & { details: ImageDetails; page: number; channel: number } {
    return { ...tile, details: this.#scene.details, page: this.#scene.page, channel }
  }

  readonly #onLost = (event: Event): void => {
    // Asks the browser to bring it back.
    event.preventDefault()
  }

  readonly #onRestored = (): void => {
    this.#canvas.restore()
    for (const layer of this.#scene.layers) layer.contextLost()
    this.drawImage()
  }
}

function union(one: Rectangle, other: Rectangle): Rectangle {
  const x = Math.min(one.x, other.x)
  const y = Math.min(one.y, other.y)
  return {
    x,
    y,
    width: Math.max(one.x + one.width, other.x + other.width) - x,
    height: Math.max(one.y + one.height, other.y + other.height) - y,
  }
}
