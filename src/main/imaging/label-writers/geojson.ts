import { objectMasks, type ObjectMask } from '../../../model/prediction/object-masks.ts'
import { traceOutlines, type Ring } from '../../../model/prediction/outlines.ts'
import { writeWhole } from '../temporary-file.ts'
import { colourChannels, nameOfClass, placeOfPage, type WrittenLabels } from './written-labels.ts'

/**
 * Writes the objects as GeoJSON that QuPath imports as detections of their classes: a FeatureCollection of Polygons and
 * MultiPolygons in pixels of the image, along the pixels' edges. In stacks, `plane` says which one (`z` and `t` from 0).
 * @throws SegscopeError where the labels cannot be read, and as `outputError` says
 */
export async function writeGeoJson(path: string, written: WrittenLabels): Promise<void> {
  await writeWhole(path, encodeFeatures(written))
}

async function* encodeFeatures({ labels, classes, splitting }: WrittenLabels): AsyncGenerator<Uint8Array> {
  yield Buffer.from('{"type":"FeatureCollection","features":[')
  let separator = '\n'
  for (let page = 0; page < labels.info.pages; page++) {
    const { z, t } = placeOfPage(labels.info, page)
    const plane = labels.info.pages === 1 ? {} : { plane: { c: -1, z, t } }
    for await (const object of objectMasks(labels, page, splitting)) {
      const { name, colour } = nameOfClass(classes, object.classValue)
      const feature = {
        type: 'Feature',
        geometry: { ...geometryOf(object), ...plane },
        properties: {
          objectType: 'detection',
          classification: { name, color: colourChannels(colour) },
          measurements: { 'Area px^2': object.area },
        },
      }
      yield Buffer.from(separator + JSON.stringify(feature))
      separator = ',\n'
    }
  }
  yield Buffer.from('\n]}\n')
}

function geometryOf({ mask, box }: ObjectMask): { type: string; coordinates: unknown } {
  const polygons = traceOutlines(mask, box.width, box.height, box.x, box.y).map(({ outer, holes }) =>
    [outer, ...holes].map(closeRing),
  )
  return polygons.length === 1
    ? { type: 'Polygon', coordinates: polygons[0] }
    : { type: 'MultiPolygon', coordinates: polygons }
}

/** GeoJSON repeats the first position at the end: RFC 7946, section 3.1.6. */
function closeRing(ring: Ring): Ring {
  return [...ring, ring[0] as Ring[number]]
}
