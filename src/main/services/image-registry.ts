import { existsSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileOf, joinAddress, splitAddress } from '../../preload/contract/image-address.ts'
import type { ImageInfo } from '../../model/images/image-source.ts'
import type { ImageRecord, LabelFileRecord, LabelValues } from '../database/repositories/images.ts'
import { fingerprintImage, fingerprintLabels } from './content-fingerprint.ts'
import { inBatches, inOrder } from './in-order.ts'
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
  // Pages of one file come one after the other.
  const fingerprints = new Map<string, string>()
  const remember = async (path: string, take: (path: string) => Promise<string>): Promise<string> => {
    const known = fingerprints.get(path) ?? (await take(path))
    fingerprints.set(path, known)
    return known
  }
  for (const image of images) {
    signal?.throwIfAborted()
    read.push({
      image,
      fingerprint: await remember(image.path, fingerprintImage),
      labelFingerprint: image.labels && (await remember(fileOf(image.labels.path), fingerprintLabels)),
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

/**
 * Gives an image that is known by its content, and is no longer where it was, its new path; one of the same name first. What was
 * chosen in its file stays chosen.
 * @returns its new address; undefined where there was none
 */
export function followMove(project: Project, path: string, fingerprint: string): string | undefined {
  if (project.images.findByPath(path) !== undefined) return undefined
  const left = project.images
    .findByContent(fileOf(fingerprint))
    .filter((known) => !existsSync(fileOf(known.path)))
  const moved = left.find((known) => basename(fileOf(known.path)) === basename(fileOf(path))) ?? left[0]
  if (moved === undefined) return undefined
  const address = movedTo(moved, path)
  if (project.images.findByPath(address) !== undefined) return undefined
  project.images.move(moved.id, address)
  return address
}

/** The address of an image whose file is now at `path`. */
export function movedTo(image: ImageRecord, path: string): string {
  return joinAddress(fileOf(path), splitAddress(image.path).selection)
}

/** A drive that does not answer holds up one of Node's four file threads for each file asked for. */
const FILES_AT_ONCE = 2

export interface MissingImages {
  missing: ImageRecord[]
  /** Images that went missing, or are there again. */
  changed: number[]
}

/** Looks for every image of the project, and notes which are missing. */
export async function findMissingImages(project: Project, signal?: AbortSignal): Promise<MissingImages> {
  const found: MissingImages = { missing: [], changed: [] }
  const look = async (image: ImageRecord) => ({ image, missing: !(await isThere(fileOf(image.path))) })
  for await (const batch of inBatches(inOrder(project.images.all(), FILES_AT_ONCE, look, signal))) {
    project.transaction(() => {
      for (const { image, missing } of batch) {
        if (missing) found.missing.push(image)
        if (missing === image.missing) continue
        found.changed.push(image.id)
        project.images.setMissing(image.id, missing)
      }
    })
  }
  return found
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
