import { existsSync } from 'node:fs'
import type { ImageInfo } from '../../model/images/image-source.ts'
import type { ImageRecord, LabelFileRecord, LabelValues } from '../database/repositories/images.ts'
import { fingerprintContent, fingerprintImage } from './content-fingerprint.ts'
import type { Project } from './project.ts'

export interface ImageToRegister {
  path: string
  info: ImageInfo
  labels: { path: string; labelValues: LabelValues } | undefined
}

export interface RegisteredImage {
  image: ImageRecord
  labels: LabelFileRecord | undefined
}

/**
 * Makes images and their label files known to a project, in the order given. One that is known by its content and
 * has left its old path is taken for moved, and keeps its history. All are registered or none.
 */
export async function registerImages(
  project: Project,
  images: readonly ImageToRegister[],
  signal?: AbortSignal,
): Promise<RegisteredImage[]> {
  const read: { image: ImageToRegister; fingerprint: string; labelFingerprint: string | undefined }[] = []
  for (const image of images) {
    signal?.throwIfAborted()
    read.push({
      image,
      fingerprint: await fingerprintImage(image.path),
      labelFingerprint: image.labels && (await fingerprintContent(image.labels.path)),
    })
  }
  return project.transaction(() =>
    read.map(({ image: { path, info, labels }, fingerprint, labelFingerprint }) => {
      followMove(project, path, fingerprint)
      const { width, height, channels, pages, sampleType } = info
      const image = project.images.save({ path, fingerprint, width, height, channels, pages, sampleType })
      return {
        image,
        labels:
          labels && labelFingerprint !== undefined
            ? project.images.saveLabels(image.id, { ...labels, fingerprint: labelFingerprint })
            : undefined,
      }
    }),
  )
}

function followMove(project: Project, path: string, fingerprint: string): void {
  if (project.images.findByPath(path) !== undefined) return
  const moved = project.images.findByFingerprint(fingerprint).find((known) => !existsSync(known.path))
  if (moved !== undefined) project.images.move(moved.id, path)
}

/** Looks for every image of the project, notes which are missing, and returns those. */
export function findMissingImages(project: Project): ImageRecord[] {
  return project.transaction(() =>
    project.images.all().filter((image) => {
      const missing = !existsSync(image.path)
      if (missing !== image.missing) project.images.setMissing(image.id, missing)
      return missing
    }),
  )
}
