import { labelTilesAddress } from '../../../preload/contract/addresses.ts'
import { decodeLabelTiles, type LabelTiles } from '../../../preload/contract/label-tiles.ts'
import type { LabelState, Plane } from '../../../preload/contract/labels.ts'
import { request } from '../../connection/request.ts'
import type { TileRange } from './label-plane.ts'

/**
 * The label tiles that are stored within a range.
 * @throws RequestProblem
 */
export async function fetchLabelTiles(plane: Plane, level: number, range?: TileRange): Promise<LabelTiles> {
  return decodeLabelTiles(new Uint8Array(await request(labelTilesAddress(plane, level, range))))
}

/**
 * Saves a stroke: when this resolves it is on disk.
 * @param stroke as `encodeLabelTiles` makes it
 * @throws RequestProblem
 */
export async function sendStroke(plane: Plane, stroke: Uint8Array<ArrayBuffer>): Promise<LabelState> {
  const answer = await request(labelTilesAddress(plane, 0), { method: 'POST', body: stroke })
  return JSON.parse(new TextDecoder().decode(answer)) as LabelState
}
