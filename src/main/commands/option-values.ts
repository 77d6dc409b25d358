import { InvalidArgumentError } from 'commander'

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

/** Reads a port: a whole number from 0, for any that is free, to 65535. */
export function portNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0 || value > 65535) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
  }
  return value
}
