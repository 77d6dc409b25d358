import type {
  ClassFacts,
  Fingerprint,
  ImageFacts,
  IntensityFacts,
} from '../../../src/model/plan/fingerprint.ts'

/** A labelled image of 512 x 512, 16 bits, all but for what is given. */
export function imageFacts(path: string, facts: Partial<ImageFacts> = {}): ImageFacts {
  return {
    path,
    labelPath: `${path}.labels.png`,
    width: 512,
    height: 512,
    channels: 1,
    colour: false,
    sampleType: 'uint16',
    usedBits: 12,
    unusedLowBits: 0,
    medians: [500],
    constant: false,
    contentHash: path,
    labelSizeMismatch: undefined,
    labelled: 512 * 512,
    classPixels: [512 * 400, 512 * 112],
    ...facts,
  }
}

export function intensityFacts(facts: Partial<IntensityFacts> = {}): IntensityFacts {
  return {
    minimum: 90,
    maximum: 65_535,
    mean: 600,
    standardDeviation: 300,
    percentile005: 110,
    median: 500,
    percentile995: 3500,
    usedBits: 12,
    medianSpread: 0.02,
    classSpread: 0.05,
    ...facts,
  }
}

/** Classes of these shares of all labelled pixels, with the size of their objects. */
export function classFacts(
  ...classes: { share: number; diameter?: number; thickness?: number }[]
): ClassFacts[] {
  return classes.map(({ share, diameter, thickness }, value) => ({
    value,
    name: `class ${value}`,
    pixels: Math.round(share * 2_000_000),
    images: share > 0 ? 8 : 0,
    objectDiameter: diameter,
    objectThickness: thickness ?? diameter,
  }))
}

/** Eight alike images of background and objects 30 pixels wide, all but for what is given. */
export function fingerprint(facts: Partial<Fingerprint> = {}): Fingerprint {
  return {
    images: Array.from({ length: 8 }, (_, index) => imageFacts(`field_${index}.tif`)),
    unreadable: [],
    channels: 1,
    intensities: [intensityFacts()],
    classes: classFacts({ share: 0.8 }, { share: 0.2, diameter: 30 }),
    ...facts,
  }
}
