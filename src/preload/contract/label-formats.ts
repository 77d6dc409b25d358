import { z } from 'zod'

/** What labels and results are written as, besides the label map as TIFF (see docs/formats.md). */
export const labelFormatSchema = z.enum(['png', 'ome-tiff', 'ome-zarr', 'hdf5', 'geojson', 'rois', 'coco'])
export type LabelFormat = z.infer<typeof labelFormatSchema>

/** Those that hold objects one by one: they are split as a run splits them. */
export const objectFormats: readonly LabelFormat[] = ['geojson', 'rois', 'coco']

/** What painted labels are exported as. `grey-png`: the grey level is the class; `png`: indexed, in the classes' colours. */
export const labelExportFormatSchema = z.enum(['tiff', 'grey-png', ...labelFormatSchema.options])
export type LabelExportFormat = z.infer<typeof labelExportFormatSchema>
