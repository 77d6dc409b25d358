import { dirname, sep } from 'node:path'

/** The deepest folder that holds all of the files, which are absolute; '' where there are none. */
export function commonFolder(files: readonly string[]): string {
  const [first, ...others] = files
  if (first === undefined) return ''
  let common = dirname(first).split(sep)
  for (const file of others) {
    const parts = dirname(file).split(sep)
    const differing = common.findIndex((part, index) => part !== parts[index])
    if (differing !== -1) common = common.slice(0, differing)
  }
  return common.join(sep) || sep
}
