/** What of a file is opened, where it holds more than one image or its axes were guessed wrong. */
export interface ImageSelection {
  /** The name of the image within the file: the path of a data set, the number of a series. */
  image?: string
  /** A letter an axis, outermost first: `tzcyx`. */
  axes?: string
  /** A pattern of file names that together make one image: `A01_t{t}_c{c}.tif`. */
  frames?: string
  /** One page of it as an image of its own, counted from 1. */
  page?: string
}

/** In the order in which they are written. */
const keys = ['image', 'axes', 'frames', 'page'] as const

/** Values are percent-encoded, so that an address has no slashes but its path's and is itself as good as a path. */
const selected = /^(.+)\?((?:image|axes|frames|page)=[^?/\\]*)$/s

/**
 * An image's address is its file's path, followed where need be by what is opened in it:
 * `/data/a.h5?image=%2Fexported_data&axes=tyxc`. It goes wherever a path goes.
 */
export function splitAddress(address: string): { path: string; selection: ImageSelection } {
  const [, path, query] = selected.exec(address) ?? []
  if (path === undefined || query === undefined) return { path: address, selection: {} }
  const values = new URLSearchParams(query)
  const selection: ImageSelection = {}
  for (const key of keys) {
    const value = values.get(key)
    if (value !== null) selection[key] = value
  }
  return { path, selection }
}

/** The inverse of `splitAddress`. */
export function joinAddress(path: string, selection: ImageSelection): string {
  const query = keys.flatMap((key) => {
    const value = selection[key]
    return value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`]
  })
  return query.length === 0 ? path : `${path}?${query.join('&')}`
}

/** The path of an image's file; of frames, the first one's. */
export function fileOf(address: string): string {
  return splitAddress(address).path
}

/** @param page from 0 */
export function pageAddress(address: string, page: number): string {
  const { path, selection } = splitAddress(address)
  return joinAddress(path, { ...selection, page: String(page + 1) })
}

/** Of an image that is learnt from, the first page goes by the image's own address: it is what is read where none is named. */
export function learntAddress(address: string, page: number): string {
  return page === 0 ? address : pageAddress(address, page)
}

/** The inverse of both. */
export function splitPage(address: string): { image: string; page: number } {
  const { path, selection } = splitAddress(address)
  const { page, ...others } = selection
  return { image: joinAddress(path, others), page: page === undefined ? 0 : Number(page) - 1 }
}
