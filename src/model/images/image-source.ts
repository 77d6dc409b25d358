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

/** What a file says of its image, checked against the file's real size by the reader. */
export interface ImageInfo {
  width: number
  height: number
  /** Samples a pixel: 1 for grey, 3 for RGB. An alpha channel is not counted. */
  channels: number
  /** Pages of a multi-page TIFF; 1 otherwise. */
  pages: number
  sampleType: SampleType
  /** Bits that carry information, where the file says so (12 in a 16-bit sample); else the sample's width. */
  bitsPerSample: number
  pixelSize: PixelSize | undefined
  /** 'TIFF', 'BigTIFF', 'PNG', 'JPEG' */
  format: string
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
  close(): Promise<void>
}
