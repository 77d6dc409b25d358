import { resultTilesAddress } from '../../../preload/contract/addresses.ts'
import { decodeLabelTiles, type LabelTiles } from '../../../preload/contract/label-tiles.ts'
import type { ResultImage } from '../../../preload/contract/results.ts'
import { request } from '../../connection/request.ts'
import {
  LabelLayer,
  type LabelLayerSurroundings,
  type LabelStyle,
} from '../../labelling/layer/label-layer.ts'
import { LabelLevels } from '../../labelling/layer/label-levels.ts'
import { BACKGROUND, UNLABELLED } from '../../labelling/label-values.ts'
import { LabelPlane, type TileRange } from '../../labelling/plane/label-plane.ts'
import { LABEL_TILE_SIZE } from '../../../preload/contract/label-tiles.ts'
import type { Camera, Size } from '../../viewer/camera.ts'
import type { ViewerLayer } from '../../viewer/viewer-layer.ts'
import { SplitLinesLayer } from './split-lines-layer.ts'

/** Draws the result of one page of an image, and where its objects are split, up to a line across the view. Background is not drawn. */
export class ResultLayer implements ViewerLayer {
  /** The share of the view, from the left, that is drawn over. */
  swipe = 1
  readonly plane: LabelPlane
  readonly #levels: LabelLevels
  readonly #layer: LabelLayer
  readonly #lines = new SplitLinesLayer()

  constructor(image: ResultImage, page: number, size: Size, surroundings: LabelLayerSurroundings) {
    const columns = Math.ceil(size.width / LABEL_TILE_SIZE)
    const rows = Math.ceil(size.height / LABEL_TILE_SIZE)
    const whole: TileRange = { columns: [0, columns - 1], rows: [0, rows - 1] }
    const fetchTiles = (level: number, range = whole): Promise<LabelTiles> =>
      fetchResultTiles(image, page, level, range)
    this.plane = new LabelPlane({ image: image.id, page }, size, (range) => fetchTiles(0, range))
    this.#levels = new LabelLevels(this.plane, fetchTiles)
    this.#layer = new LabelLayer(this.#levels, surroundings)
  }

  setStyle(style: LabelStyle): void {
    this.#layer.setStyle(style)
    this.#lines.opacity = style.hidden ? 0 : style.opacity
  }

  /** Where its split objects touch; to be drawn anew by the caller. */
  setSplitLines(sides: readonly number[]): void {
    this.#lines.setSides(sides)
  }

  draw(context: WebGL2RenderingContext, camera: Camera): void {
    const box = context.getParameter(context.SCISSOR_BOX) as Int32Array
    const [x, y, width, height] = box as unknown as [number, number, number, number]
    const { viewport } = camera
    const line = Math.round(this.swipe * viewport.width * viewport.pixelRatio)
    const covered = Math.min(x + width, line) - x
    if (covered <= 0) return
    context.scissor(x, y, covered, height)
    this.#layer.draw(context, camera)
    this.#lines.draw(context, camera)
    context.scissor(x, y, width, height)
  }

  contextLost(): void {
    this.#layer.contextLost()
    this.#lines.contextLost()
  }

  dispose(): void {
    this.#layer.dispose()
    this.#lines.dispose()
    this.#levels.dispose()
  }
}

async function fetchResultTiles(
  { id, segmented }: ResultImage,
  page: number,
  level: number,
  range: TileRange,
): Promise<LabelTiles> {
  const bytes = await request(resultTilesAddress({ id, page }, level, range, segmented))
  const tiles = decodeLabelTiles(new Uint8Array(bytes))
  // All of a result is labelled: hatching its background would hide the image.
  for (const { values } of tiles.tiles) {
    values.forEach((value, at) => {
      if (value === BACKGROUND) values[at] = UNLABELLED
    })
  }
  return tiles
}
