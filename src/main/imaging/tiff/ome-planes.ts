import { dirname, join } from 'node:path'
import type { Axis } from '../../../model/images/image-source.ts'
import { damagedImage, truncatedImage } from '../image-errors.ts'
import type { OmePixels } from '../ome/ome-xml.ts'
import type { Plane } from './plane.ts'

/** Planes that are believed: those of ten hours at ten frames a second. */
const MOST_PLANES = 400_000

export interface OmePlanes {
  /** Outermost first, with those of one. */
  leading: Axis[]
  /** As many as the axes multiply to, outermost first. */
  planes: Plane[]
  /** The files that they are in, absolute; planes name them by their place here. */
  files: string[]
}

/**
 * Where the planes of an OME image are: its TiffData elements name the first plane of a run of directories
 * (https://docs.openmicroscopy.org/ome-model/latest/ome-tiff/specification.html).
 * @param path of the file at hand
 * @param directories of that file
 * @param samples a pixel of one plane: OME counts them as channels
 * @throws SegscopeError `image-damaged` where they contradict each other, `image-truncated` where a plane is nowhere
 */
export function findOmePlanes(
  path: string,
  pixels: OmePixels,
  directories: readonly number[],
  samples: number,
): OmePlanes {
  const sizes = { c: Math.max(1, Math.floor(pixels.SizeC / samples)), z: pixels.SizeZ, t: pixels.SizeT }
  const innermostFirst = Array.from(pixels.DimensionOrder.slice(2).toLowerCase()) as ('c' | 'z' | 't')[]
  const count = sizes.c * sizes.z * sizes.t
  if (count > MOST_PLANES) throw damagedImage(path, `its OME-XML declares ${String(count)} planes`)

  const files = [path]
  const planes: (Plane | undefined)[] = Array<undefined>(count).fill(undefined)
  const runs = pixels.TiffData.length > 0 ? pixels.TiffData : [{ FirstC: 0, FirstZ: 0, FirstT: 0 }]
  for (const run of runs) {
    const { FirstC, FirstZ, FirstT, IFD, PlaneCount, UUID } = {
      IFD: undefined,
      PlaneCount: undefined,
      UUID: undefined,
      ...run,
    }
    const file = UUID === undefined ? 0 : placeOf(files, path, UUID)
    const isHere = file === 0
    // Without a number and a count, a run is of all directories.
    const length = PlaneCount ?? (IFD !== undefined ? 1 : isHere ? directories.length : 1)
    let at = 0
    let stride = 1
    for (const axis of innermostFirst) {
      at += { c: Math.floor(FirstC / samples), z: FirstZ, t: FirstT }[axis] * stride
      stride *= sizes[axis]
    }
    for (let step = 0; step < Math.min(length, count - at); step++) {
      const index = (IFD ?? 0) + step
      if (isHere && directories[index] === undefined) break
      planes[at + step] = { file, directory: isHere ? directories[index] : undefined, index, shift: 0 }
    }
  }
  const missing = planes.findIndex((plane) => plane === undefined)
  if (missing !== -1) {
    throw truncatedImage(
      path,
      `its OME-XML declares ${String(count)} planes, and plane ${String(missing + 1)} is in none of its files`,
    )
  }
  const leading = innermostFirst.toReversed().map((name): Axis => ({ name, size: sizes[name] }))
  return { leading, planes: planes as Plane[], files }
}

/** A set lies in one folder: a name with a way in it is not followed. */
function placeOf(files: string[], path: string, name: string): number {
  if (/[/\\]/.test(name) || name === '..' || name === '') {
    throw damagedImage(
      path,
      `its OME-XML names ${JSON.stringify(name)} as one of its files, which is not beside it`,
    )
  }
  const other = join(dirname(path), name)
  const known = files.indexOf(other)
  return known === -1 ? files.push(other) - 1 : known
}
