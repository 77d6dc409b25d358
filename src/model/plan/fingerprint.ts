/** Facts about the images and labels of a data set: what the plan is made from. Plain JSON. */
export interface Fingerprint {
  /** Every image that could be read. */
  images: ImageFacts[]
  /** Files that could not be read, each with the reason. */
  unreadable: { path: string; reason: string }[]
  /**
   * Channels that carry information: 1 where every image is grey (also when stored as RGB), 3 as soon as one
   * image is in colour. A grey image among colour ones stands for three equal channels.
   */
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
  /** Channels as stored, without alpha. */
  channels: number
  /** Three channels that are not all equal. */
  colour: boolean
  sampleType: string
  /** Bits that all but one sample in 10,000 (hot pixels) fit into; the sample's width for floating point. */
  usedBits: number
  /** Lowest bits that are zero in every sample: 4 for 12-bit data shifted left into 16 bits. */
  unusedLowBits: number
  /** Of each channel, by sampled pixels. */
  medians: number[]
  /** Every sampled pixel has the same value in every channel. */
  constant: boolean
  /** Equal for two files of the same size and the same sampled pixels. */
  contentHash: string
  /** Size of the label map where it differs from the image's; such labels are not used. */
  labelSizeMismatch: { width: number; height: number } | undefined
  /** Labelled pixels. */
  labelled: number
  /** Pixels of each class value; as long as this image's largest value needs. */
  classPixels: number[]
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
  /**
   * Spread (10th to 90th percentile) of the images' own medians, over the data set's range (percentiles 0.5 to
   * 99.5): large where exposures or backgrounds differ.
   */
  medianSpread: number
  /**
   * The same spread of one class's median brightness from image to image, the largest of all classes: unlike the
   * images' medians it does not move with the number of objects. 0 where no class is labelled in two images.
   */
  classSpread: number
}

export interface ClassFacts {
  value: number
  name: string
  pixels: number
  /** Images that have at least one pixel of the class. */
  images: number
  /**
   * Square root of the area, in pixels, of the connected component that the class's middle pixel lies in: half of the
   * class is in smaller ones. undefined where no densely labelled image has a component of the class.
   */
  objectDiameter: number | undefined
  /** Width of the components at their widest place, in pixels, taken in the same way; 1 for a drawn line. */
  objectThickness: number | undefined
}
