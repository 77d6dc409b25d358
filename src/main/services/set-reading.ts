import { SegscopeError } from '../../model/errors.ts'
import { joinAddress, splitAddress } from '../../preload/contract/image-address.ts'
import type { ImageInfo } from '../../model/images/image-source.ts'
import type { ImageWorkers } from '../compute/image-workers.ts'
import type { Project } from './project.ts'

export interface Reading {
  id: number
  image?: string | undefined
  axes?: string | undefined
}

/**
 * Chooses what of an image's file is opened: another image in it, or other axes than were guessed.
 * @throws SegscopeError `image-unknown`; `labels-in-the-way` where labels were painted on planes that would be others;
 *   `image-known` where the project has that very image already; as `openImage`
 */
export async function setReading(
  project: Project,
  workers: ImageWorkers,
  { id, image, axes }: Reading,
  signal?: AbortSignal,
): Promise<void> {
  const known = project.images.find(id)
  if (known === undefined) {
    throw new SegscopeError('image-unknown', `The project has no image ${id}.`, {
      remedy: 'It was removed; go back to the images.',
    })
  }
  const { path, selection } = splitAddress(known.path)
  // Another image of the file has axes of its own.
  const kept = image === undefined || image === selection.image ? selection : { frames: selection.frames }
  const address = joinAddress(path, {
    ...withoutUndefined(kept),
    ...withoutUndefined({ image, axes }),
  })
  if (address === known.path) return
  if (project.images.findByPath(address) !== undefined) {
    throw new SegscopeError('image-known', 'The project has this image of the file already.', {
      file: path,
      remedy: 'Open that one, or remove it first.',
    })
  }
  const identify = (at: string) => workers.run('identify', { path: at }, { urgency: 'details', signal })
  const { info, fingerprint } = await identify(address)
  const isSamePlanes =
    image === undefined &&
    info.pages === known.pages &&
    arePagesAlike((await identify(known.path)).info, info)
  const { width, height, channels, pages, sampleType } = info
  project.transaction(() => {
    if (!isSamePlanes && project.labels.labelledPixelsOf(id) > 0) {
      throw new SegscopeError(
        'labels-in-the-way',
        'Its labels were painted on planes that would be others then.',
        {
          file: path,
          remedy: 'Export the labels, remove the image and add it again to read it in another way.',
        },
      )
    }
    project.images.move(id, address)
    project.images.save({ path: address, fingerprint, width, height, channels, pages, sampleType })
  })
}

/** Whether the pages of two readings of a file are the same planes in the same order, whatever their axes are called. */
function arePagesAlike(one: ImageInfo, other: ImageInfo): boolean {
  const places = ({ axes = [] }: ImageInfo): string => {
    const at = (names: readonly string[]): number[] =>
      names.map((name) => axes.findIndex((axis) => axis.name === name)).filter((place) => place !== -1)
    return JSON.stringify([at(['t', 'z']), at(['y', 'x'])])
  }
  return places(one) === places(other)
}

function withoutUndefined<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: NonNullable<Fields[Key]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}
