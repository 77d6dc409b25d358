import { SegscopeError } from '../../model/errors.ts'

/**
 * The image of a file that a person chose, or the first.
 * @param names of all; at least one
 * @throws SegscopeError `image-not-in-file`
 */
export function chooseImage(file: string, names: readonly string[], chosen: string | undefined): string {
  if (chosen === undefined) return names[0] as string
  if (names.includes(chosen)) return chosen
  throw new SegscopeError('image-not-in-file', `${file} holds no image "${chosen}".`, {
    file,
    remedy: `It holds ${names.slice(0, 20).join(', ')}.`,
  })
}
