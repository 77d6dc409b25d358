/** A name shorter than this, `a` or `10`, is found in too many words to be taken out of a text. */
const shortestName = 3

/** Where a path begins: `/data`, `C:\data`, `\\server`, `file:///data`, `~/data`. */
const pathStart = /(?<![\w.)\]])(?:file:\/\/|[A-Za-z]:[\\/]|\\\\|~[\\/]|\/(?=[^\s/]))/u
/** Whatever stands in quotes is a name. */
const quoted = /"[^"\n]*"|“[^”\n]*”|«[^»\n]*»|(?<!\p{L})'[^'\n]*'(?!\p{L})/gu
/** A word with the ending of a file; versions (`1.30.0`) and ends of sentences are none. */
const fileName = /[^\s"'()[\],;:]*\.[A-Za-z][A-Za-z0-9]{0,11}(?![\p{L}\p{N}])/u

/**
 * Takes names out of a message for people: the known ones, what stands in quotes, and everything from where a path begins,
 * since nobody can tell where it ends. A line that names a file goes as a whole. Rather too much is taken than too little.
 * @param names paths and names that are known: of files, folders, projects, classes; their parts are taken out too
 */
export function scrub(text: string, names: Iterable<string> = []): string {
  let scrubbed = text.normalize('NFC')
  for (const name of partsOf(names)) scrubbed = scrubbed.replaceAll(name, '[name]')
  return scrubbed
    .split('\n')
    .map((line) => {
      const start = line.search(pathStart)
      const kept = start === -1 ? line : line.slice(0, start)
      if (fileName.test(kept)) return '[a text that names a file]'
      return kept.replaceAll(quoted, '[name]') + (start === -1 ? '' : '[path, and what followed it]')
    })
    .join('\n')
}

/** The names and what they are made of, longest first, so that none leaves a rest of another. */
function partsOf(names: Iterable<string>): string[] {
  const parts = new Set<string>()
  for (const name of names) {
    const whole = name.normalize('NFC').trim()
    for (const part of [whole, ...whole.split(/[\\/]/)]) {
      parts.add(part)
      parts.add(part.replace(/\.[^.]+$/, ''))
    }
  }
  return [...parts]
    .filter((part) => part.length >= shortestName)
    .sort((one, other) => other.length - one.length)
}

/**
 * Where in Segscope an error was thrown: functions and lines of its own source, without folders of this computer.
 * @param stack an error's
 */
export function scrubStack(stack: string | undefined): string[] {
  return (stack ?? '').split('\n').flatMap((line) => {
    const [, place] =
      /[\\/]((?:src|out)[\\/](?:main|model|preload)[\\/][\w\\/.-]+:\d+:\d+)\)?$/.exec(line) ?? []
    if (place === undefined) return []
    const [, name] = /^\s*at (?:async )?([\w.#<>]+) \(/.exec(line) ?? []
    return [name === undefined ? place : `${name} ${place}`]
  })
}
