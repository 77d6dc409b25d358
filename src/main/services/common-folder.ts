import { dirname, sep } from 'node:path'

/** The deepest folder that holds all of the files. @param files absolute, at least one */
export function commonFolder(files: readonly string[]): string {
  let common = dirname(files[0] as string).split(sep)
  for (const file of files) {
    const parts = dirname(file).split(sep)
    const differing = common.findIndex((part, index) => part !== parts[index])
    if (differing !== -1) common = common.slice(0, differing)
  }
  return common.join(sep) || sep
}
