import { isAbsolute, relative, resolve, sep } from 'node:path'

/**
 * How a file is named in a project's database: relative to the project folder, with forward slashes, where it lies
 * inside it, so that the folder can be moved as a whole; absolute otherwise.
 */
export function toStoredPath(folder: string, file: string): string {
  const absolute = resolve(file)
  const inside = relative(folder, absolute)
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return absolute
  return inside.split(sep).join('/')
}

/** The absolute path of a file by its name in the database. */
export function fromStoredPath(folder: string, stored: string): string {
  // Most files lie elsewhere, and are named as `toStoredPath` resolved them.
  return isAbsolute(stored) ? stored : resolve(folder, stored)
}
