import type { ImageSource } from '../../../model/images/image-source.ts'
import { fileOf } from '../../../preload/contract/image-address.ts'
import { Hdf5DataSets, type DataSet } from '../hdf5/hdf5-data-sets.ts'
import { axisKeys } from '../hdf5/plain-data-sets.ts'
import { LabelCanvas, type LabelledImage } from './label-canvas.ts'
import { damagedLabels, misfittingLabels } from './label-file-errors.ts'

/** Where Pixel Classification keeps what was painted, and its names for it; one lane an image. */
const setsFolder = '/PixelClassification/LabelSets'
const namesPath = '/PixelClassification/LabelNames'
const lanesFolder = '/Input Data/infos'
/** Of all blocks of an image, so that a small file cannot take hours. */
const MOST_BLOCKS = 100_000

/** An image of a project, as the file names it. */
interface Lane {
  index: number
  /** On the machine where it was labelled, and what lies in that file: `../a.h5/exported_data`. */
  filePath: string
  axes: string[] | undefined
}

export function isIlastikProject(path: string): boolean {
  return path.toLowerCase().endsWith('.ilp')
}

/**
 * The classes of a project of ilastik, in their order.
 * @throws SegscopeError `labels-damaged`; as `Hdf5DataSets`
 */
export async function ilastikClasses(path: string): Promise<string[]> {
  const sets = await Hdf5DataSets.open(path)
  try {
    return classesIn(sets)
  } finally {
    sets.close()
  }
}

/**
 * Which of some images a project has labels of, by the names of their files.
 * @param images paths or addresses
 * @throws SegscopeError as `Hdf5DataSets`
 */
export async function ilastikImages(path: string, images: readonly string[]): Promise<string[]> {
  const sets = await Hdf5DataSets.open(path)
  try {
    const lanes = lanesIn(sets)
    const hasLabels = (lane: Lane): boolean => sets.namesIn(setOf(lane)).length > 0
    return images.filter((image) => lanes.some((lane) => isOf(lane, image) && hasLabels(lane)))
  } finally {
    sets.close()
  }
}

/**
 * What was painted on an image in a project of ilastik: 0 where nobody painted, else the place of the class among `names`,
 * from 1.
 * @throws SegscopeError `labels-damaged`, `label-size-differs`; as `Hdf5DataSets`
 */
export async function openIlastikProject(
  path: string,
  image: LabelledImage,
  names: readonly string[],
): Promise<ImageSource> {
  const sets = await Hdf5DataSets.open(path)
  try {
    const values = classesIn(sets).map((name) => names.indexOf(name) + 1)
    const canvas = new LabelCanvas(path, image)
    const lane = lanesIn(sets).find((each) => isOf(each, image.path))
    if (lane === undefined) throw damagedLabels(path, 'none of its images has the name of this one')
    const blocks = sets.list(setOf(lane))
    if (blocks.length > MOST_BLOCKS) throw damagedLabels(path, `it has ${blocks.length} blocks of labels`)
    for (const block of blocks) paint(canvas, sets, block, lane, image, values)
    return canvas.finish('ilastik project')
  } finally {
    sets.close()
  }
}

function classesIn(sets: Hdf5DataSets): string[] {
  const names = sets.texts(namesPath)
  if (names === undefined)
    throw damagedLabels(sets.path, 'it is no project of Pixel Classification, or has no classes')
  return names
}

function lanesIn(sets: Hdf5DataSets): Lane[] {
  return sets.namesIn(lanesFolder).flatMap((name) => {
    const folder = `${lanesFolder}/${name}/Raw Data`
    const [, number] = /^lane(\d+)$/.exec(name) ?? []
    const [filePath] = sets.texts(`${folder}/filePath`) ?? []
    if (number === undefined || filePath === undefined) return []
    return [{ index: Number(number), filePath, axes: axisKeys(sets.texts(`${folder}/axistags`)?.[0]) }]
  })
}

function setOf({ index }: Lane): string {
  return `${setsFolder}/labels${String(index).padStart(3, '0')}`
}

/** The path may be another machine's, and lead into the file. */
function isOf({ filePath }: Lane, image: string): boolean {
  const name = fileOf(image).split(/[/\\]/).at(-1)
  return filePath.split(/[/\\]/).includes(name as string)
}

function paint(
  canvas: LabelCanvas,
  sets: Hdf5DataSets,
  block: DataSet,
  lane: Lane,
  image: LabelledImage,
  values: readonly number[],
): void {
  const axes = axisKeys(sets.attribute(block.path, 'axistags')) ?? lane.axes
  const ranges = [...(sets.attribute(block.path, 'blockSlice') ?? '').matchAll(/(\d+):(\d+)/g)].map(
    ([, from, to]) => ({ from: Number(from), to: Number(to) }),
  )
  const { shape } = block
  if (
    axes?.length !== shape.length ||
    ranges.length !== shape.length ||
    ranges.some(({ from, to }, axis) => to - from !== shape[axis]) ||
    !axes.includes('y') ||
    !axes.includes('x')
  ) {
    throw damagedLabels(sets.path, `its labels in ${block.path} do not say where they belong`)
  }
  const of = (key: string) => {
    const axis = axes.indexOf(key)
    const stride = shape.slice(axis + 1).reduce((product, size) => product * size, 1)
    return axis === -1
      ? { from: 0, to: 1, stride: 0 }
      : { ...(ranges[axis] as { from: number; to: number }), stride }
  }
  const [t, z, y, x, c] = [of('t'), of('z'), of('y'), of('x'), of('c')]
  const { width, height, pages, zPlanes } = image
  const reached = (t.to - 1) * zPlanes + z.to
  if (x.to > width || y.to > height || z.to > zPlanes || reached > pages || c.to !== 1) {
    throw misfittingLabels(
      sets.path,
      `its labels reach to (${x.to}, ${y.to}) on page ${reached}, the image has ${width} x ${height} pixels on ${pages} page${pages === 1 ? '' : 's'}`,
    )
  }
  const painted = sets.read(
    block,
    shape.map(() => 0),
    shape,
  )
  for (let time = t.from; time < t.to; time++) {
    for (let slice = z.from; slice < z.to; slice++) {
      for (let row = y.from; row < y.to; row++) {
        for (let column = x.from; column < x.to; column++) {
          const at =
            (time - t.from) * t.stride +
            (slice - z.from) * z.stride +
            (row - y.from) * y.stride +
            (column - x.from) * x.stride
          const label = painted[at] as number
          if (label === 0) continue
          const value = values[label - 1]
          if (value === undefined)
            throw damagedLabels(sets.path, `a label is of the class ${label}, which is none`)
          const place = row * width + column
          canvas.fillRun(place, place + 1, value, time * zPlanes + slice)
        }
      }
    }
  }
}
