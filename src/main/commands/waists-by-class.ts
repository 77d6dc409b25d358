import { SegscopeError } from '../../model/errors.ts'

/**
 * How the objects of a checkpoint's classes are split, as `--split` says: the waist by class.
 * @throws SegscopeError `class-unknown`
 */
export function waistsByClass(
  split: ReadonlyMap<string, number> = new Map(),
  classNames: readonly string[],
): Map<number, number> {
  return new Map(
    Array.from(split, ([name, percent]) => {
      const value = classNames.indexOf(name)
      if (value > 0) return [value, percent / 100]
      throw new SegscopeError('class-unknown', `The checkpoint has no objects of a class ${name}.`, {
        remedy: `Name one of these: ${classNames.slice(1).join(', ')}.`,
      })
    }),
  )
}
