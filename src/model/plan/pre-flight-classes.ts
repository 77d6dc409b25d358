import type { Finding } from './finding.ts'
import type { ClassFacts, Fingerprint } from './fingerprint.ts'
import { countOf, readable } from './words.ts'

/** Fewer pixels of a class than a stroke of the brush, 5 wide and 40 long. */
const fewPixels = 200
/** Fewer than a dot of the brush. */
const tooFewPixels = 20
/** Fewer labelled pixels than some ten strokes. */
const littleLabelled = 2000
/** Beyond this a patch rarely holds a pixel of the rarer class, even where patches are drawn by class. */
const extremeImbalance = 1000
/** More classes than anybody paints: such labels count objects. */
const manyClasses = 32

/** What is wrong with the classes and with how much of each is labelled. Nothing where nothing is labelled at all. */
export function checkClasses(fingerprint: Fingerprint): Finding[] {
  const labelled = fingerprint.classes.filter((facts) => facts.pixels > 0)
  const [only, second] = labelled
  if (only === undefined) return []
  if (second === undefined) {
    return [
      {
        severity: 'stop',
        code: 'one-class',
        message: `Everything that is labelled is ${only.name} (value ${only.value}): there is nothing to tell it from.`,
        remedy: 'Label a second class, for example background.',
        files: [],
      },
    ]
  }
  return [
    ...checkValues(fingerprint.classes, labelled),
    ...labelled.flatMap((facts) => checkAmount(facts, fingerprint)),
    ...checkTotals(labelled),
  ]
}

function checkValues(classes: readonly ClassFacts[], labelled: readonly ClassFacts[]): Finding[] {
  const findings: Finding[] = []
  const missing = classes.filter((facts) => facts.pixels === 0)
  // Grey levels (0, 128, 254) leave most values out; a class that nobody painted leaves out one or two.
  if (missing.length > labelled.length) {
    findings.push({
      severity: 'stop',
      code: 'not-class-values',
      message: `The labels use ${labelled.length} of the values 0 to ${classes.length - 1} (${labelled.map((facts) => facts.value).join(', ')}): these do not look like classes.`,
      remedy:
        'Say what the values mean (classes, binary, or 0 for not labelled), or number the classes from 0 without gaps.',
      files: [],
    })
  } else if (missing.length > 0) {
    findings.push({
      severity: 'warning',
      code: 'class-without-pixels',
      message: `Not one pixel is labelled as ${missing.map((facts) => `${facts.name} (value ${facts.value})`).join(' or ')}: the network cannot learn ${missing.length === 1 ? 'this class' : 'these classes'}.`,
      remedy: 'Label some of it, or remove the class.',
      files: [],
    })
  }
  if (labelled.length > manyClasses) {
    findings.push({
      severity: 'warning',
      code: 'many-classes',
      message: `The labels have ${labelled.length} values: do they number objects rather than classes?`,
      remedy: 'If so, use label images of classes (0 background, 1 object).',
      files: [],
    })
  }
  return findings
}

function checkAmount(facts: ClassFacts, { images }: Fingerprint): Finding[] {
  const files = images.filter((image) => (image.classPixels[facts.value] ?? 0) > 0).map((image) => image.path)
  if (facts.pixels < fewPixels) {
    return [
      {
        severity: facts.pixels < tooFewPixels ? 'stop' : 'warning',
        code: 'class-hardly-labelled',
        message: `${facts.name} has only ${countOf(facts.pixels, 'labelled pixel')}.`,
        remedy: `Label more of it: ${fewPixels} pixels at the least, in several places.`,
        files,
      },
    ]
  }
  if (facts.images > 1 || images.filter((image) => image.labelled > 0).length === 1) return []
  return [
    {
      severity: 'warning',
      code: 'class-in-one-image',
      message: `${facts.name} is labelled in one image only: it cannot be both learnt and checked.`,
      remedy: 'Label it in a second image.',
      files,
    },
  ]
}

function checkTotals(labelled: readonly ClassFacts[]): Finding[] {
  const findings: Finding[] = []
  const total = labelled.reduce((sum, facts) => sum + facts.pixels, 0)
  if (total < littleLabelled) {
    findings.push({
      severity: 'warning',
      code: 'little-labelled',
      message: `Only ${readable(total)} pixels are labelled in all.`,
      remedy: 'A few strokes more on each class, where it looks different, help most.',
      files: [],
    })
  }
  const rarest = labelled.reduce((least, facts) => (facts.pixels < least.pixels ? facts : least))
  const commonest = labelled.reduce((most, facts) => (facts.pixels > most.pixels ? facts : most))
  if (commonest.pixels > extremeImbalance * rarest.pixels) {
    findings.push({
      severity: 'warning',
      code: 'extreme-imbalance',
      message: `Of ${rarest.name} ${countOf(rarest.pixels, 'pixel')} are labelled, of ${commonest.name} ${readable(commonest.pixels)}: more than ${readable(extremeImbalance)} times as many.`,
      remedy: `Label more of ${rarest.name}; expect it to be found less surely than the rest.`,
      files: [],
    })
  }
  return findings
}
