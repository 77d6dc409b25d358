import type { Axis, AxisName, ImageInfo } from '../../../model/images/image-source.ts'
import { axesDoNotFit, chooseAxes, sizeOf } from './choose-axes.ts'

/** Planes that lie one after another in a file, as pages of channels. */
export interface ArrangedPlanes<Plane> {
  /** Page `t * zPlanes + z`, its planes channel by channel. */
  pages: Plane[][]
  /** What is said of them in the image's information. */
  facts: Pick<ImageInfo, 'pages' | 'zPlanes' | 'axes'>
}

/**
 * Puts the planes of a stack into pages and channels.
 * @param planes outermost axis first, as many as the sizes of `guessed` multiply to
 * @param guessed the axes along which the planes lie, without height and width
 * @param size of a plane
 * @param chosen a letter an axis, with `yx` at the end; with one letter before it all planes lie along that axis
 * @throws SegscopeError `axes-do-not-fit`
 */
export function arrangePlanes<Plane>(
  file: string,
  planes: readonly Plane[],
  guessed: readonly Axis[],
  size: { width: number; height: number },
  chosen: string | undefined,
): ArrangedPlanes<Plane> {
  let leading = guessed.filter((axis) => axis.size > 1)
  const isFlattened = chosen?.length === 3 && leading.length > 1
  if (isFlattened) leading = [{ name: chosen[0] as AxisName, size: planes.length }]
  const shape = [...leading.map((axis) => axis.size), size.height, size.width]
  const axes = chooseAxes(file, shape, [...leading.map((axis) => axis.name), 'y', 'x'], chosen)
  if (axes.at(-2)?.name !== 'y' || axes.at(-1)?.name !== 'x') throw axesDoNotFit(file, chosen ?? '', shape)

  const named = axes.slice(0, -2)
  const zPlanes = sizeOf(named, 'z')
  const count = zPlanes * sizeOf(named, 't')
  const pages = Array.from({ length: count }, (_, page) => {
    const [z, t] = [page % zPlanes, Math.floor(page / zPlanes)]
    return Array.from({ length: sizeOf(named, 'c') }, (_, c) => {
      const at: Partial<Record<AxisName, number>> = { c, z, t }
      const index = named.reduce((before, axis) => before * axis.size + (at[axis.name] as number), 0)
      return planes[index] as Plane
    })
  })
  return { pages, facts: { pages: count, zPlanes, ...(named.length > 0 && { axes }) } }
}
