import type { ImageSource } from '../../../model/images/image-source.ts'
import { LabelCanvas, type LabelledImage, pageAt, type ShapeValue } from './label-canvas.ts'
import type { Shape } from './shape.ts'
import { damagedLabels, unsupportedLabels } from './label-file-errors.ts'
import { readLabelFile } from './read-label-file.ts'
import { isZip, unzipLabels } from './unzip-labels.ts'

/** `ij.io.RoiDecoder` in ImageJ's source. */
const HEADER_SIZE = 64
const areaTypes = { polygon: 0, rectangle: 1, oval: 2, freehand: 7, traced: 8 } as const
const otherTypes = new Map([
  [3, 'line'],
  [4, 'freehand line'],
  [5, 'segmented line'],
  [6, 'empty region'],
  [9, 'angle'],
  [10, 'point'],
])
const SUB_PIXEL = 128
const MOST_BYTES = 2 ** 28
/** Corners of the polygon that stands for an oval. */
const OVAL_CORNERS = 360

interface Roi {
  rings: Shape[]
  /** From 0; undefined where it belongs to no frame. */
  page: number | undefined
}

/**
 * Reads a region of ImageJ, or a zip of them as the ROI Manager saves it: 0 outside of them, what `valueOf` says inside.
 * @throws SegscopeError `labels-damaged`, `labels-unsupported`, `label-size-differs`, `file-unreadable`
 */
export async function openImageJRois(
  path: string,
  image: LabelledImage,
  valueOf: ShapeValue,
): Promise<ImageSource> {
  const bytes = await readLabelFile(path)
  const canvas = new LabelCanvas(path, image)
  for (const [index, roi] of (isZip(bytes) ? unzip(bytes, path) : [bytes]).entries()) {
    const { rings, page } = decodeRoi(roi, path, image)
    // A region without a frame lies on all of them.
    const pages =
      image.pages > 1 && page === undefined
        ? Array.from({ length: image.pages }, (_, each) => each)
        : [page ?? 0]
    for (const each of pages) canvas.fill(rings, valueOf('', index + 1), image.pages === 1 ? 0 : each)
  }
  return canvas.finish('ImageJ regions')
}

/** @throws SegscopeError `labels-damaged` */
function unzip(bytes: Uint8Array, path: string): Uint8Array[] {
  const rois = unzipLabels(bytes, path, /\.roi$/i, MOST_BYTES)
  if (rois.length === 0) throw damagedLabels(path, 'there is no region of ImageJ in it')
  return rois
}

function decodeRoi(bytes: Uint8Array, path: string, image: LabelledImage): Roi {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    if (view.getUint32(0) !== 0x496f7574)
      throw damagedLabels(path, 'a region does not begin as those of ImageJ do')
    return decodeFields(view, path, image)
  } catch (error) {
    if (error instanceof RangeError) throw damagedLabels(path, 'a region is cut off', error)
    throw error
  }
}

function decodeFields(view: DataView, path: string, image: LabelledImage): Roi {
  const type = view.getUint8(6)
  const top = view.getInt16(8)
  const left = view.getInt16(10)
  // Larger than 32767 where top and left are not negative.
  const bottom = top >= 0 ? view.getUint16(12) : view.getInt16(12)
  const right = left >= 0 ? view.getUint16(14) : view.getInt16(14)
  const shapeSize = view.getInt32(36)
  const page = pageOf(view, image)
  if (shapeSize > 0) return { rings: decodePaths(view, shapeSize, path), page }
  if (type === areaTypes.rectangle) {
    return {
      page,
      rings: [
        [
          [left, top],
          [right, top],
          [right, bottom],
          [left, bottom],
        ],
      ],
    }
  }
  if (type === areaTypes.oval) return { page, rings: [oval(left, top, right, bottom)] }
  if (type === areaTypes.polygon || type === areaTypes.freehand || type === areaTypes.traced) {
    return { page, rings: [decodePolygon(view, left, top)] }
  }
  throw unsupportedLabels(
    path,
    `a region is a ${otherTypes.get(type) ?? `kind that ImageJ does not have (${type})`}, which has no area`,
    'Keep only areas in the ROI Manager, and save it again.',
  )
}

/** By its plane and time in a hyperstack, else by its place in the stack; both count from 1, and 0 is none. */
function pageOf(view: DataView, image: LabelledImage): number | undefined {
  const header2 = view.getInt32(60)
  const hasHeader2 = header2 > 0 && header2 + 16 <= view.byteLength
  const [z, t] = hasHeader2 ? [view.getInt32(header2 + 8), view.getInt32(header2 + 12)] : [0, 0]
  if (z > 0 || t > 0) return pageAt(Math.max(1, z) - 1, Math.max(1, t) - 1, image)
  const position = view.getInt32(56)
  return position > 0 ? position - 1 : undefined
}

function decodePolygon(view: DataView, left: number, top: number): Shape {
  const short = view.getUint16(16)
  const count = short === 0 ? view.getInt32(18) : short
  const isSubPixel = (view.getInt16(50) & SUB_PIXEL) !== 0
  return readCorners(count, view, isSubPixel ? 4 * count : 0, (index) =>
    isSubPixel
      ? [
          view.getFloat32(HEADER_SIZE + 4 * count + 4 * index),
          view.getFloat32(HEADER_SIZE + 8 * count + 4 * index),
        ]
      : [
          left + view.getInt16(HEADER_SIZE + 2 * index),
          top + view.getInt16(HEADER_SIZE + 2 * count + 2 * index),
        ],
  )
}

/** @param offset of the last part that is read, for an early check of the count */
function readCorners(
  count: number,
  view: DataView,
  offset: number,
  corner: (index: number) => readonly [number, number],
): Shape {
  if (count < 0 || HEADER_SIZE + offset + 4 * count > view.byteLength)
    throw new RangeError('Too many corners.')
  return Array.from({ length: count }, (_, index) => corner(index))
}

function oval(left: number, top: number, right: number, bottom: number): Shape {
  return Array.from({ length: OVAL_CORNERS }, (_, index) => {
    const angle = (2 * Math.PI * index) / OVAL_CORNERS
    return [
      (left + right) / 2 + ((right - left) / 2) * Math.cos(angle),
      (top + bottom) / 2 + ((bottom - top) / 2) * Math.sin(angle),
    ]
  })
}

/** Java's PathIterator: move, line, quadratic and cubic curves (to their ends, in straight lines), close. */
function decodePaths(view: DataView, count: number, path: string): Shape[] {
  const pointsOf = [1, 1, 2, 3, 0]
  if (HEADER_SIZE + 4 * count > view.byteLength) throw new RangeError('Too many segments.')
  const rings: [number, number][][] = []
  for (let at = 0; at < count;) {
    const kind = view.getFloat32(HEADER_SIZE + 4 * at)
    const points = pointsOf[kind]
    if (points === undefined) throw damagedLabels(path, `a region has a segment of an unknown kind (${kind})`)
    if (kind === 0) rings.push([])
    if (points > 0) {
      const end = HEADER_SIZE + 4 * (at + 2 * points - 1)
      const ring = rings.at(-1)
      if (ring === undefined) throw damagedLabels(path, 'a region begins in the middle of an outline')
      ring.push([view.getFloat32(end), view.getFloat32(end + 4)])
    }
    at += 1 + 2 * points
  }
  return rings
}
