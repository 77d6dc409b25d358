/** Facts about the images and labels of a data set: what the plan is made from. */
export interface Fingerprint {
  images: ImageFacts[]
  channels: number
  /** One entry a channel, over the whole data set, from at most some millions of sampled pixels. */
  intensities: IntensityFacts[]
  /** One entry a class value. */
  classes: ClassFacts[]
}

export interface ImageFacts {
  path: string
  labelPath: string | undefined
  width: number
  height: number
  sampleType: string
  /** Labelled pixels. */
  labelled: number
}

export interface IntensityFacts {
  minimum: number
  maximum: number
  mean: number
  standardDeviation: number
  /** Percentiles 0.5, 50 and 99.5: hot pixels do not move them. */
  percentile005: number
  median: number
  percentile995: number
  /** Bits the values really use: 12 for 12-bit data in 16-bit files. */
  usedBits: number
  /** Spread of the images' own medians over the data set's range: large where exposures differ. */
  medianSpread: number
}

export interface ClassFacts {
  value: number
  name: string
  pixels: number
  /** Images that have at least one pixel of the class. */
  images: number
  /** Median over connected components of the square root of their area, in pixels; undefined without components. */
  objectDiameter: number | undefined
  /** Median thickness (twice the largest distance to the border of a component), in pixels. */
  objectThickness: number | undefined
}
