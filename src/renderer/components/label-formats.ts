import type { LabelFormat } from '../../preload/contract/label-formats.ts'

export interface LabelFormatTitle {
  value: LabelFormat
  /** What is in a file: pixels, or objects one by one. */
  kind: 'Label map' | 'Objects'
  name: string
  /** Who opens it, for instance. */
  programs?: string
}

/** What people are told of the formats, in the order in which they are offered. */
export const labelFormatTitles: readonly LabelFormatTitle[] = [
  { value: 'ome-tiff', kind: 'Label map', name: 'OME-TIFF with a pyramid', programs: 'QuPath, OMERO' },
  { value: 'ome-zarr', kind: 'Label map', name: 'OME-Zarr with the image', programs: 'napari, Fiji' },
  { value: 'hdf5', kind: 'Label map', name: 'HDF5', programs: 'ilastik' },
  { value: 'png', kind: 'Label map', name: 'PNG in the colours of the classes' },
  { value: 'geojson', kind: 'Objects', name: 'GeoJSON', programs: 'QuPath' },
  { value: 'rois', kind: 'Objects', name: 'Regions for the ROI Manager', programs: 'Fiji' },
  { value: 'coco', kind: 'Objects', name: 'COCO, all images in one file' },
]

/** `HDF5 (ilastik)` */
export function labelFormatTitle({ name, programs }: LabelFormatTitle): string {
  return programs === undefined ? name : `${name} (${programs})`
}
