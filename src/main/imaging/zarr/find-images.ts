import * as zarr from 'zarrita'
import { damagedImage } from '../image-errors.ts'
import { type Multiscale, type OmeZarrAttributes, parseAttributes } from './ome-zarr.ts'
import { labelsFolder } from './label-images.ts'
import type { ZarrStore } from './zarr-store.ts'

export interface FoundImage {
  attributes: OmeZarrAttributes | undefined
  /** Undefined: the folder is an array. */
  multiscale: Multiscale | undefined
  /** Within the hierarchy, beginning with `/`. */
  folder: string
}

export interface ZarrImage {
  /** Within the hierarchy: '0', 'A/1/0'; of a hierarchy that is one image, what it calls itself. */
  name: string
  load: () => Promise<FoundImage>
}

/** Fields of a plate of 384 wells. */
const MOST_IMAGES = 10_000

/**
 * The images of a Zarr hierarchy: itself, the series that bioformats2raw writes, or the fields of a plate's wells. A label
 * image of an image is none of them, and is found where it is asked for.
 * @param chosen the name of the one that is wanted
 * @throws SegscopeError `image-damaged` where there is none
 */
export async function findZarrImages(path: string, store: ZarrStore, chosen?: string): Promise<ZarrImage[]> {
  if (chosen?.startsWith(`${labelsFolder}/`) === true && !chosen.includes('..'))
    return [{ name: chosen, load: () => loadImage(path, store, `/${chosen}`) }]
  const top = await zarr.open(zarr.root(store))
  if (top.kind === 'array') {
    return [
      {
        name: 'array',
        load: () => Promise.resolve({ attributes: undefined, multiscale: undefined, folder: '/' }),
      },
    ]
  }
  const attributes = parseAttributes(top.attrs)
  if (attributes?.multiscales !== undefined) {
    return attributes.multiscales.map((multiscale, index) => ({
      name: multiscale.name ?? String(index),
      load: () => Promise.resolve({ attributes, multiscale, folder: '' }),
    }))
  }
  const folders = attributes === undefined ? [] : await listFolders(store, attributes)
  if (folders.length === 0)
    throw damagedImage(path, 'it is a Zarr group without an image that OME-Zarr would describe')
  return folders.map((folder) => ({ name: folder, load: () => loadImage(path, store, `/${folder}`) }))
}

async function listFolders(store: ZarrStore, attributes: OmeZarrAttributes): Promise<string[]> {
  const folders: string[] = []
  if (attributes.plate !== undefined) {
    for (const well of attributes.plate.wells) {
      const fields = (await attributesOf(store, `/${well.path}`))?.well?.images ?? []
      folders.push(...fields.map((field) => `${well.path}/${field.path}`))
      if (folders.length > MOST_IMAGES) break
    }
  } else if (attributes['bioformats2raw.layout'] !== undefined) {
    const series = (await attributesOf(store, '/OME'))?.series
    if (series !== undefined) return series.slice(0, MOST_IMAGES)
    for (let index = 0; index < MOST_IMAGES; index++) {
      if ((await attributesOf(store, `/${index}`)) === undefined) break
      folders.push(String(index))
    }
  }
  return folders
}

async function loadImage(path: string, store: ZarrStore, folder: string): Promise<FoundImage> {
  const attributes = await attributesOf(store, folder)
  const multiscale = attributes?.multiscales?.[0]
  if (multiscale === undefined) throw damagedImage(path, `its image ${folder} is not described`)
  return { attributes, multiscale, folder }
}

/** Undefined where there is no group. */
async function attributesOf(store: ZarrStore, folder: string): Promise<OmeZarrAttributes | undefined> {
  try {
    return parseAttributes((await zarr.open(zarr.root(store).resolve(folder), { kind: 'group' })).attrs)
  } catch (error) {
    if (zarr.isZarritaError(error, 'NotFoundError')) return undefined
    throw error
  }
}
