/** Sample types of the images that Segscope reads. */
export type SampleType = 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'float32' | 'float64'

export type Samples =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array

/** A rectangle in pixels; x to the right, y down, from the top left corner of the plane. */
export interface Region {
  x: number
  y: number
  width: number
  height: number
}

/** Physical size of a pixel, as the file states it. */
export interface PixelSize {
  x: number
  y: number
  /** 'µm', 'nm', 'mm', 'inch', ... ; as normalised by the reader. */
  unit: string
}

/** Channel, z plane, time, height, width. */
export type AxisName = 'c' | 'z' | 't' | 'y' | 'x'

/** One axis of the array that a file holds. */
export interface Axis {
  name: AxisName
  size: number
}

/** How a file names and shows a channel. */
export interface ChannelLook {
  name?: string
  /** '#rrggbb' */
  colour?: string
  /** The values that a person had shown darkest and brightest. */
  range?: { low: number; high: number }
}

/** How far the pages of a stack lie apart, as the file states it. */
export interface PageSpacing {
  /** Between planes, in the pixel size's unit. */
  z?: number
  /** Between times. */
  t?: { value: number; unit: string }
}

/** What a file says of its image, checked against the file's real size by the reader. */
export interface ImageInfo {
  width: number
  height: number
  /** Samples a pixel: 1 for grey, 3 for RGB, and the channels of a multi-channel image. An alpha channel is not counted. */
  channels: number
  /** Planes of a stack or time-lapse: page `t * zPlanes + z`; 1 otherwise. */
  pages: number
  /** The z planes at each time; `pages` is a multiple of it. 1 where absent. */
  zPlanes?: number
  sampleType: SampleType
  /** Bits that carry information, where the file says so (12 in a 16-bit sample); else the sample's width. */
  bitsPerSample: number
  pixelSize: PixelSize | undefined
  pageSpacing?: PageSpacing
  /** 'TIFF', 'OME-TIFF', 'HDF5', 'PNG', ...; for people to read. */
  format: string
  /** Only the whole picture can be decoded, not a region: PNG, JPEG. */
  isReadWhole?: boolean
  /** The axes as they lie in the file, outermost first, as guessed or chosen; absent where there is nothing to choose. */
  axes?: readonly Axis[]
  /** Names of the images that the file holds, where there are several, the one that is read among them. */
  images?: readonly string[]
  /** The name of the one that is read, where there are several. */
  image?: string
  /** One a channel, where the file names or colours them. */
  channelLooks?: readonly ChannelLook[]
  /** Other files that this image is made of: they are no images of their own. Absolute paths. */
  parts?: readonly string[]
}

/** Pixels of a region: planar, `[channels, height, width]`, in the file's own sample type. */
export interface Raster {
  samples: Samples
  channels: number
  width: number
  height: number
}

/**
 * One image file, opened. Reads are by region, so that a file larger than memory can be used.
 * `src/main/imaging` holds the formats; `src/model` knows only this interface.
 */
export interface ImageSource {
  readonly path: string
  readonly info: ImageInfo
  /**
   * Reads a region of one page.
   * @throws SegscopeError where the file is cut or lies; RangeError where the region is not inside the image
   */
  read(region: Region, page?: number): Promise<Raster>
  /**
   * A smaller copy of a whole page that the file itself keeps (a pyramid), the smallest whose longer side has at least `side`
   * pixels; undefined where there is none that is smaller than the page. Absent where the format keeps none.
   */
  readReduced?(page: number, side: number): Promise<Raster | undefined>
  close(): Promise<void>
}
