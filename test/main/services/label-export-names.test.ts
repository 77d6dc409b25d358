import { join } from 'node:path'
import { expect, test } from 'vitest'
import { labelExportNames } from '../../../src/main/services/label-export-names.ts'

function namesOf(files: readonly string[], extension: string): string[] {
  return labelExportNames(
    files.map((file) => join('/images', file)),
    extension,
  )
}

test('labels of OME-TIFF files have one ".ome" in their names, and every image labels of its own', () => {
  expect(namesOf(['a.ome.tif', 'b.tif'], '.ome.tif')).toEqual(['a.ome.tif', 'b.ome.tif'])
  expect(namesOf(['a.ome.tif', 'b.tif'], '.png')).toEqual(['a.ome.png', 'b.png'])
  const both = namesOf(['a.ome.tif', 'a.tif'], '.ome.tif')
  expect(new Set(both).size).toBe(2)
})
