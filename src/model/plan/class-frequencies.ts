import type { ClassFacts } from './fingerprint.ts'

/** The value of the class with most labelled pixels: usually what lies between the objects. */
export function commonestClass(classes: readonly ClassFacts[]): number {
  return classes.reduce((most, facts) => (facts.pixels > most.pixels ? facts : most)).value
}

/** Share of each class in the labelled pixels. */
export function classFrequencies(classes: readonly ClassFacts[]): number[] {
  const labelled = classes.reduce((sum, facts) => sum + facts.pixels, 0)
  return classes.map((facts) => facts.pixels / labelled)
}
