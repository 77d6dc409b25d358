import { encodeLabelTiles, type LabelTiles } from '../../../preload/contract/label-tiles.ts'

/** Encodes strokes beside the page, which has frames to draw meanwhile. One answer a message, in order. */
addEventListener('message', ({ data }: MessageEvent<LabelTiles>) => {
  const bytes = encodeLabelTiles(data)
  postMessage(bytes, { transfer: [bytes.buffer] })
})
