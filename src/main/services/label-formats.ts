import { writeGeoJson } from '../imaging/label-writers/geojson.ts'
import { writeIlastikHdf5 } from '../imaging/label-writers/ilastik-hdf5.ts'
import { writeIndexedPng } from '../imaging/label-writers/indexed-png.ts'
import { writeOmeTiff } from '../imaging/label-writers/ome-tiff.ts'
import { writeOmeZarr } from '../imaging/label-writers/ome-zarr.ts'
import { writeRoiSet } from '../imaging/label-writers/roi-set.ts'
import type { WrittenLabels } from '../imaging/label-writers/written-labels.ts'
import type { LabelFormat } from '../../preload/contract/label-formats.ts'

/** A format of which each image has a file of its own, or a folder that is one. */
export interface FileFormat {
  extension: string
  /** Whether the pages of a stack are in one file. */
  stacks: boolean
  /** @throws SegscopeError where the labels cannot be read or the file cannot be written; it is whole or not there */
  write: (path: string, labels: WrittenLabels, page?: number) => Promise<void>
}

/** The one that is not here, `coco`, has all images in one file. */
export const fileFormats: Record<Exclude<LabelFormat, 'coco'>, FileFormat> = {
  png: { extension: '.png', stacks: false, write: writeIndexedPng },
  'ome-tiff': { extension: '.ome.tif', stacks: true, write: writeOmeTiff },
  'ome-zarr': { extension: '.ome.zarr', stacks: true, write: writeOmeZarr },
  hdf5: { extension: '.h5', stacks: true, write: writeIlastikHdf5 },
  geojson: { extension: '.geojson', stacks: true, write: writeGeoJson },
  rois: { extension: '.zip', stacks: true, write: writeRoiSet },
}

/** Of `coco`, in the folder that labels or results go to. */
export const COCO_FILE = 'coco.json'

/** `series_page0003.png`: pages are counted from 1, and sort as they follow each other. */
export function withPage(path: string, extension: string, page: number): string {
  return `${path.slice(0, path.length - extension.length)}_page${String(page + 1).padStart(4, '0')}${extension}`
}
