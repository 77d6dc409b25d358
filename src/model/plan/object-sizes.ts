import { commonestClass } from './class-frequencies.ts'
import type { ClassFacts, Fingerprint } from './fingerprint.ts'

/** Every class but the commonest, which is what lies between the objects. */
export function objectClasses({ classes }: Fingerprint): ClassFacts[] {
  const background = commonestClass(classes)
  return classes.filter((facts) => facts.value !== background)
}

/** Typical width of the objects of the class that has the largest, in pixels; 0 where the labels do not tell. */
export function largestObject(fingerprint: Fingerprint): number {
  return Math.max(0, ...diameters(fingerprint))
}

/** Typical width of the objects of the class that has the smallest, in pixels; 0 where the labels do not tell. */
export function smallestObject(fingerprint: Fingerprint): number {
  const known = diameters(fingerprint)
  return known.length === 0 ? 0 : Math.min(...known)
}

/** Thickness of the thinnest class, in pixels; Infinity where the labels do not tell. */
export function thinnestObject(fingerprint: Fingerprint): number {
  return Math.min(...objectClasses(fingerprint).map((facts) => facts.objectThickness ?? Infinity))
}

function diameters(fingerprint: Fingerprint): number[] {
  return objectClasses(fingerprint).flatMap((facts) => facts.objectDiameter ?? [])
}
