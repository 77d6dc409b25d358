/** A path or a name as one word of a command line that is to be copied: in quotes where it needs them. */
export function shellWord(text: string): string {
  if (/^[\w./:\\@+-]+$/.test(text)) return text
  return process.platform === 'win32' ? `"${text}"` : `'${text.replaceAll("'", `'\\''`)}'`
}
