import { InvalidArgumentError } from 'commander'
import { type LabelFormat, labelFormatSchema } from '../../preload/contract/label-formats.ts'

/** Reads the value of an option that is a positive number. */
export function positiveNumber(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.')
  return value
}

/** Reads the value of an option that is a whole number from 1. */
export function positiveInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.')
  return value
}

/** Reads a seed: a whole number from 0 to 2^32 - 1. */
export function seedNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0 || value > 0xffffffff) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.')
  }
  return value
}

/** Reads names separated by commas. */
export function nameList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.includes('')) throw new InvalidArgumentError('It must be names separated by commas.')
  return names
}

/** Reads formats of labels, separated by commas. */
export function formatList(text: string): LabelFormat[] {
  const formats = nameList(text).map((name) => labelFormatSchema.safeParse(name).data)
  if (formats.includes(undefined)) {
    throw new InvalidArgumentError(
      `It must be one or more of these, separated by commas: ${labelFormatSchema.options.join(', ')}.`,
    )
  }
  return [...new Set(formats)].filter((format) => format !== undefined)
}

/** Of the width of what it joins: where a narrower waist divides touching objects, unless a person says otherwise. */
export const DEFAULT_WAIST_PERCENT = 75

/** Reads classes whose objects are split, `nucleus,cell=60`: the percentage by name. */
export function splittingList(text: string): Map<string, number> {
  return new Map(
    nameList(text).map((entry) => {
      const at = entry.lastIndexOf('=')
      const percent = at === -1 ? DEFAULT_WAIST_PERCENT : Number(entry.slice(at + 1))
      if (!(percent >= 20 && percent <= 100)) {
        throw new InvalidArgumentError('After "=" comes a percentage of the width, from 20 to 100.')
      }
      return [at === -1 ? entry : entry.slice(0, at).trim(), percent]
    }),
  )
}

/** Reads a port: a whole number from 0, for any that is free, to 65535. */
export function portNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0 || value > 65535) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
  }
  return value
}
