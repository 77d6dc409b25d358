import type { ImageInfo } from '../../model/images/image-source.ts'
import type { ChannelStatistics } from '../../preload/contract/images.ts'
import type { LabelTile } from '../../preload/contract/label-tiles.ts'
import type { LabelPlace } from '../imaging/label-readers/open-fitting-labels.ts'
import type { PixelTile, TilePlace } from '../imaging/pyramid/image-view.ts'
import type { LabelReading } from '../imaging/read-label-tiles.ts'
import type {
  ComparedResult,
  MeasuredPage,
  MeasuredResult,
  ResultComparison,
  ResultPart,
  ResultPlace,
} from '../services/results-reading.ts'
import type { TransferredError } from './transferred-error.ts'

/** What an image file says of itself and shows of its first page. */
export interface Inspection {
  info: ImageInfo
  /** See `src/main/services/content-fingerprint.ts`. */
  fingerprint: string
  /** Of page 0, a channel each. */
  statistics: ChannelStatistics[]
}

/** What the threads that read images do. */
export interface ImageTasks {
  /** Opens an image and reads none of its pixels. */
  identify: { input: { path: string }; output: Pick<Inspection, 'info' | 'fingerprint'> }
  inspect: { input: { path: string }; output: Inspection }
  /** The picture with the fingerprint of what it shows. */
  'make thumbnail': {
    input: { path: string }
    output: { webp: Uint8Array<ArrayBuffer>; fingerprint: string }
  }
  /** The classes of a label map, WebP, to lie over the picture of its image; see `src/main/imaging/class-picture.ts`. */
  'make result thumbnail': {
    input: { path: string; colours: readonly string[] }
    output: { bytes: Uint8Array<ArrayBuffer> }
  }
  /** Makes `file`; the image must have the fingerprint. */
  'build pyramid': {
    input: { path: string; page: number; fingerprint: string; file: string }
    output: undefined
  }
  'read tile': { input: { path: string; place: TilePlace }; output: PixelTile }
  /** Pixels by stored value. */
  'count label values': { input: LabelPlace; output: Map<number, number> }
  'read label tiles': { input: LabelPlace & { page: number; reading: LabelReading }; output: LabelTile[] }
  /** The names of classes in a file of shapes. */
  'list label names': { input: { path: string }; output: string[] }
  /** Those of the images that a label file names itself. */
  'find named images': { input: { path: string; images: readonly string[] }; output: string[] }
  /** Encoded label tiles, like those of the next; see `src/main/services/results-reading.ts`. */
  'read result tiles': { input: ResultPart; output: { bytes: Uint8Array<ArrayBuffer> } }
  'read result object': { input: ResultPlace; output: { bytes: Uint8Array<ArrayBuffer> } }
  /** The first pixel of the object there, in reading order. */
  'find result object': { input: ResultPlace; output: { x: number; y: number } | undefined }
  'measure result': { input: MeasuredResult; output: MeasuredPage }
  'compare result': { input: ComparedResult; output: ResultComparison }
}

export type ImageTask = keyof ImageTasks

/** To a worker: one task at a time, and the wish that it be given up. */
export type ImageWorkerRequest =
  | { kind: 'begin'; number: number; task: ImageTask; input: ImageTasks[ImageTask]['input'] }
  | { kind: 'cancel'; number: number }

/** From a worker: signs of life amid a long task, and its end. */
export type ImageWorkerReply =
  | { kind: 'alive' }
  | { kind: 'done'; output: ImageTasks[ImageTask]['output'] }
  | { kind: 'failed'; error: TransferredError }
