import { labelTilesAddress } from '../../../preload/contract/addresses.ts'
import type { Problem } from '../../../preload/contract/base.ts'
import { decodeLabelTiles, type LabelTiles } from '../../../preload/contract/label-tiles.ts'
import type { LabelState, Plane } from '../../../preload/contract/labels.ts'
import type { TileRange } from './label-plane.ts'

/** Why a request for labels was not answered as it should be. */
export class RequestProblem extends Error {
  readonly problem: Problem

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options)
    this.problem = problem
  }
}

/** The code of a request that nobody answered: it may be sent again. */
export const UNREACHABLE = 'unreachable'

/**
 * The label tiles that are stored within a range.
 * @throws RequestProblem
 */
export async function fetchLabelTiles(plane: Plane, level: number, range?: TileRange): Promise<LabelTiles> {
  const response = await answered(labelTilesAddress(plane, level, range))
  return decodeLabelTiles(new Uint8Array(await body(response.arrayBuffer())))
}

/**
 * Saves a stroke: when this resolves it is on disk.
 * @param stroke as `encodeLabelTiles` makes it
 * @throws RequestProblem
 */
export async function sendStroke(plane: Plane, stroke: Uint8Array<ArrayBuffer>): Promise<LabelState> {
  const response = await answered(labelTilesAddress(plane, 0), { method: 'POST', body: stroke })
  return (await body(response.json())) as LabelState
}

async function answered(address: string, request?: RequestInit): Promise<Response> {
  const response = await body(fetch(address, request))
  if (response.ok) return response
  if (response.headers.get('content-type')?.startsWith('application/json') !== true) {
    throw unreachable(new Error(`${response.status} ${response.statusText}`))
  }
  throw new RequestProblem((await body(response.json())) as Problem)
}

/** The connection may end at any time. */
async function body<Value>(promise: Promise<Value>): Promise<Value> {
  try {
    return await promise
  } catch (thrown) {
    throw unreachable(thrown)
  }
}

function unreachable(cause: unknown): RequestProblem {
  return new RequestProblem(
    {
      code: UNREACHABLE,
      message: 'Segscope does not answer.',
      remedy: 'Look whether it still runs on its computer, and whether the network is there.',
    },
    { cause },
  )
}
