import type { Finding } from './finding.ts'
import type { Fingerprint, ImageFacts } from './fingerprint.ts'
import { checkClasses } from './pre-flight-classes.ts'
import { countOf, firstOf, isOrAre } from './words.ts'

/** The network's stride: smaller images are mostly padding. */
const smallestSide = 32
/** All that speaks against training on this data set, the worst first. Empty where nothing does. */
export function checkBeforeTraining(fingerprint: Fingerprint): Finding[] {
  return [...checkFiles(fingerprint), ...checkImages(fingerprint), ...checkClasses(fingerprint)].sort(
    (left, right) => Number(right.severity === 'stop') - Number(left.severity === 'stop'),
  )
}

function checkFiles({ images, unreadable }: Fingerprint): Finding[] {
  if (images.length + unreadable.length === 0) {
    return [
      {
        severity: 'stop',
        code: 'no-images',
        message: 'There is no image.',
        remedy: 'Add images of a kind that Segscope reads.',
        files: [],
      },
    ]
  }
  const findings: Finding[] = []
  const severity = images.some((image) => image.labelled > 0) ? 'warning' : 'stop'
  if (unreadable.length > 0) {
    findings.push({
      severity,
      code: 'unreadable-files',
      message: `${countOf(unreadable.length, 'file')} cannot be read and ${isOrAre(unreadable.length)} left out. ${firstOf(
        unreadable.map((file) => file.reason),
        ' ',
      )}`,
      remedy: 'Replace these files by intact ones, or take them out of the folder.',
      files: unreadable.map((file) => file.path),
    })
  }
  const mismatched = images.filter((image) => image.labelSizeMismatch !== undefined)
  if (mismatched.length > 0) {
    findings.push({
      severity,
      code: 'label-size-mismatch',
      message: `The labels of ${countOf(mismatched.length, 'image')} are of another size than the image, and left out: ${firstOf(mismatched.flatMap(describeMismatch), '; ')}.`,
      remedy: 'Check that each label file belongs to its image, and was neither cropped nor scaled.',
      files: mismatched.map((image) => image.path),
    })
  }
  const unlabelled = images.filter((image) => image.labelled === 0 && image.labelSizeMismatch === undefined)
  if (unlabelled.length > 0) {
    findings.push({
      severity,
      code: 'images-without-labels',
      message:
        unlabelled.length === images.length
          ? 'No image has labels.'
          : `${countOf(unlabelled.length, 'image')} of ${images.length} ${unlabelled.length === 1 ? 'has' : 'have'} no labels: training does not use ${unlabelled.length === 1 ? 'it' : 'them'}.`,
      remedy: 'Label some of each class, or check that label files are named like their images.',
      files: pathsOf(unlabelled),
    })
  }
  return findings
}

function checkImages({ images, channels }: Fingerprint): Finding[] {
  const findings: Finding[] = []
  const labelled = images.filter((image) => image.labelled > 0)
  const odd = images.filter((image) => image.channels !== channels && !adaptable(image, channels))
  if (odd.length > 0) {
    findings.push({
      severity: 'stop',
      code: 'channels-differ',
      message: `The images have different numbers of channels: ${tally(images, (image) => `${image.channels}`)}.`,
      remedy: 'Train on images of one kind; grey and RGB may be mixed.',
      files: pathsOf(odd),
    })
  }
  const depths = new Set(images.map(describeDepth))
  if (depths.size > 1) {
    findings.push({
      severity: 'warning',
      code: 'depths-differ',
      message: `The images are of different depth: ${tally(images, describeDepth)}. Each is scaled by its own range.`,
      remedy: 'Nothing, if they are meant to be segmented together; otherwise train on each kind alone.',
      files: pathsOf(lessCommon(images, describeDepth)),
    })
  }
  const constant = images.filter((image) => image.constant)
  if (constant.length > 0) {
    findings.push({
      severity: labelled.length > 0 && labelled.every((image) => image.constant) ? 'stop' : 'warning',
      code: 'constant-images',
      message: `${countOf(constant.length, 'image')} of ${images.length} ${isOrAre(constant.length)} blank: every pixel has the same value.`,
      remedy: 'Take them out, or export them again.',
      files: pathsOf(constant),
    })
  }
  const tiny = images.filter((image) => Math.min(image.width, image.height) < smallestSide)
  if (tiny.length > 0) {
    findings.push({
      severity: 'warning',
      code: 'tiny-images',
      message: `${countOf(tiny.length, 'image')} ${isOrAre(tiny.length)} less than ${smallestSide} pixels wide or high, and will be padded.`,
      remedy: 'Use images that show objects with their surroundings.',
      files: pathsOf(tiny),
    })
  }
  const duplicates = findDuplicates(images)
  if (duplicates.length > 0) {
    findings.push({
      severity: 'warning',
      code: 'duplicate-images',
      message: `${duplicates.length === 1 ? 'An image is' : `${duplicates.length} images are`} there more than once. One copy may be trained on and the other held out: scores would flatter.`,
      remedy: 'Keep one of each.',
      files: pathsOf(duplicates.flat()),
    })
  }
  return findings
}

/** Grey images are repeated for a colour network, and RGB of equal channels is grey. */
function adaptable(image: ImageFacts, channels: number): boolean {
  return (image.channels === 1 && channels === 3) || (image.channels === 3 && channels === 1)
}

function describeMismatch({ path, width, height, labelPath, labelSizeMismatch }: ImageFacts): string[] {
  if (labelSizeMismatch === undefined) return []
  const labels = `${labelPath ?? 'its labels'} ${labelSizeMismatch.width} x ${labelSizeMismatch.height}`
  return [`${labels}, ${path} ${width} x ${height}`]
}

function describeDepth({ sampleType, unusedLowBits }: ImageFacts): string {
  return unusedLowBits > 0 && sampleType === 'uint16'
    ? `${sampleType} shifted left by ${unusedLowBits} bits`
    : sampleType
}

/** Groups of images with the same pixels. */
function findDuplicates(images: readonly ImageFacts[]): ImageFacts[][] {
  const groups = Map.groupBy(
    images.filter((image) => !image.constant),
    (image) => image.contentHash,
  )
  return [...groups.values()].filter((group) => group.length > 1)
}

/** "12 of uint8, 3 of uint16", the commonest first. */
function tally(images: readonly ImageFacts[], describe: (image: ImageFacts) => string): string {
  return [...Map.groupBy(images, describe)]
    .sort((left, right) => right[1].length - left[1].length)
    .map(([description, group]) => `${group.length} of ${description}`)
    .join(', ')
}

/** The images that are not of the commonest kind. */
function lessCommon(images: readonly ImageFacts[], describe: (image: ImageFacts) => string): ImageFacts[] {
  const groups = [...Map.groupBy(images, describe).values()].sort((left, right) => right.length - left.length)
  return groups.slice(1).flat()
}

function pathsOf(images: readonly ImageFacts[]): string[] {
  return images.map((image) => image.path)
}
