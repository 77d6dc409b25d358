/**
 * The most bytes that one piece of an image may take once decoded: a strip, a tile, or the whole of a PNG or
 * JPEG. A 20,000 x 20,000 16-bit picture in a single compressed strip (0.8 GB) is within it.
 */
export const MAXIMUM_DECODED_BYTES = 2 ** 30

/** Samples of one JPEG 2000 picture: its decoder takes four bytes for each, beside the pixels. */
export const MAXIMUM_JPEG_2000_SAMPLES = 2 ** 27

/** Decoded strips and tiles kept for the next read: a band of 512 rows of a 20,000 pixel wide 16-bit image takes 20 MB. */
export const CACHED_BYTES = 64 * 2 ** 20

/** Bytes that one byte of Deflate can stand for: a repetition of 258 bytes takes 2 bits at least. */
export const DEFLATE_EXPANSION = 1032

/**
 * Bytes that one byte of a JPEG can stand for: a block of 8x8 takes one bit at least, in a progressive JPEG, and with
 * chroma at a quarter of the width and half the height ten blocks make 512 pixels of 3 bytes: 1,229.
 */
export const JPEG_EXPANSION = 2048
