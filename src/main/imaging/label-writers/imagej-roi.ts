import type { Outline, Ring } from '../../../model/prediction/outlines.ts'
import { colourChannels } from './written-labels.ts'

/** Offsets, types and versions: RoiEncoder and RoiDecoder in ImageJ's source (`ij.io`). */
const HEADER_SIZE = 64
const HEADER2_SIZE = 64
const VERSION = 228
const types = { rectangle: 1, traced: 8 } as const
const segments = { moveTo: 0, lineTo: 1, close: 4 } as const
/** ImageJ's coordinates within a polygon are 16-bit. */
const LARGEST_SHORT = 32767
const LARGEST_COUNT = 65535

export interface ImageJRoi {
  name: string
  outlines: readonly Outline[]
  /** `#rrggbb` */
  colour: string
  /** In a stack, from 1; undefined belongs to no place in one. `page` counts the stack's pages through. */
  place: { page: number; slice: number; frame: number } | undefined
}

/**
 * A region in ImageJ's file format: a traced outline, or, where it has holes or parts or lies too far out for 16 bits, a
 * composite of paths.
 */
export function encodeImageJRoi({ name, outlines, colour, place }: ImageJRoi): Uint8Array {
  const rings = outlines.flatMap(({ outer, holes }) => [outer, ...holes])
  const [left, top, right, bottom] = boundsOf(rings)
  const single = rings.length === 1 ? (rings[0] as Ring) : undefined
  const isTraced = single !== undefined && right <= LARGEST_SHORT && bottom <= LARGEST_SHORT
  const shape =
    isTraced && single.length <= LARGEST_COUNT ? encodeTraced(single, left, top) : encodePaths(rings)
  const isPolygon = shape.kind === 'traced'
  const nameBytes = Buffer.from(name, 'utf16le').swap16()
  const header2 = HEADER_SIZE + shape.bytes.length
  const roi = Buffer.alloc(header2 + HEADER2_SIZE + nameBytes.length)
  roi.write('Iout', 'latin1')
  roi.writeInt16BE(VERSION, 4)
  roi.writeUInt8(isPolygon ? types.traced : types.rectangle, 6)
  roi.writeUInt16BE(Math.min(top, LARGEST_COUNT), 8)
  roi.writeUInt16BE(Math.min(left, LARGEST_COUNT), 10)
  roi.writeUInt16BE(Math.min(bottom, LARGEST_COUNT), 12)
  roi.writeUInt16BE(Math.min(right, LARGEST_COUNT), 14)
  roi.writeUInt16BE(isPolygon ? shape.count : 0, 16)
  if (!isPolygon) roi.writeInt32BE(shape.count, 36)
  const [red, green, blue] = colourChannels(colour)
  roi.set([255, red, green, blue], 40)
  roi.writeInt32BE(place?.page ?? 0, 56)
  roi.writeInt32BE(header2, 60)
  roi.set(shape.bytes, HEADER_SIZE)
  roi.writeInt32BE(place === undefined ? 0 : 1, header2 + 4)
  roi.writeInt32BE(place?.slice ?? 0, header2 + 8)
  roi.writeInt32BE(place?.frame ?? 0, header2 + 12)
  roi.writeInt32BE(header2 + HEADER2_SIZE, header2 + 16)
  roi.writeInt32BE(name.length, header2 + 20)
  roi.set(nameBytes, header2 + HEADER2_SIZE)
  return roi
}

interface EncodedShape {
  kind: 'traced' | 'paths'
  /** Corners, or floats. */
  count: number
  bytes: Uint8Array
}

/** All x relative to the left, then all y relative to the top. */
function encodeTraced(ring: Ring, left: number, top: number): EncodedShape {
  const bytes = Buffer.alloc(4 * ring.length)
  ring.forEach(([x, y], index) => {
    bytes.writeUInt16BE(x - left, 2 * index)
    bytes.writeUInt16BE(y - top, 2 * (ring.length + index))
  })
  return { kind: 'traced', count: ring.length, bytes }
}

/** Java's PathIterator as floats: the kind of segment, then its point. */
function encodePaths(rings: readonly Ring[]): EncodedShape {
  const values = rings.flatMap((ring) => [
    ...ring.flatMap(([x, y], index) => [index === 0 ? segments.moveTo : segments.lineTo, x, y]),
    segments.close,
  ])
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => bytes.writeFloatBE(value, 4 * index))
  return { kind: 'paths', count: values.length, bytes }
}

function boundsOf(rings: readonly Ring[]): [left: number, top: number, right: number, bottom: number] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of rings.flat()) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x)
    bottom = Math.max(bottom, y)
  }
  return [left, top, right, bottom]
}
