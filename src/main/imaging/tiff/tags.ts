/** The tags that are read (TIFF 6.0, its technical notes, and the GDAL and DNG extensions). */
export const Tag = {
  newSubfileType: 254,
  imageWidth: 256,
  imageLength: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  imageDescription: 270,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planarConfiguration: 284,
  resolutionUnit: 296,
  predictor: 317,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  subDirectories: 330,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  yCbCrCoefficients: 529,
  yCbCrSubsampling: 530,
  referenceBlackWhite: 532,
  /** MetaMorph's STK: as many values as planes. */
  metaMorphPlanes: 33629,
  /** Zeiss LSM. */
  zeissInformation: 34412,
  lercParameters: 50674,
  imageJCounts: 50838,
  imageJData: 50839,
} as const

export const Photometric = { whiteIsZero: 0, blackIsZero: 1, rgb: 2, separated: 5, yCbCr: 6 } as const

export const Compression = {
  none: 1,
  faxRle: 2,
  fax3: 3,
  fax4: 4,
  lzw: 5,
  jpeg: 7,
  deflate: 8,
  faxRleWords: 32771,
  packBits: 32773,
  oldDeflate: 32946,
  aperioJpeg2000: 33005,
  jpeg2000: 34712,
  lerc: 34887,
  zstd: 50000,
  webp: 50001,
} as const

/** Every compression that is in use, by its number, for messages. */
const compressionNames = new Map([
  [1, 'none'],
  [2, 'CCITT RLE'],
  [3, 'CCITT Group 3 fax'],
  [4, 'CCITT Group 4 fax'],
  [5, 'LZW'],
  [6, 'old-style JPEG'],
  [7, 'JPEG'],
  [8, 'Deflate'],
  [9, 'JBIG black and white'],
  [10, 'JBIG colour'],
  [32766, 'NeXT RLE'],
  [32771, 'CCITT RLE, word-aligned'],
  [32773, 'PackBits'],
  [32809, 'ThunderScan'],
  [32946, 'Deflate'],
  [34661, 'JBIG'],
  [34676, 'SGI LogLuv'],
  [34677, 'SGI 24-bit LogLuv'],
  [34712, 'JPEG 2000'],
  [34887, 'LERC'],
  [34892, 'lossy JPEG (DNG)'],
  [34925, 'LZMA'],
  [34933, 'PNG'],
  [34934, 'JPEG XR'],
  [33003, 'JPEG 2000 (Aperio, YCbCr)'],
  [33005, 'JPEG 2000 (Aperio)'],
  [50000, 'ZSTD'],
  [50001, 'WebP'],
  [50002, 'JPEG XL'],
  [52546, 'JPEG XL'],
])

/** The name of a compression, or its number. */
export function compressionName(compression: number): string {
  return compressionNames.get(compression) ?? `number ${String(compression)}`
}
