import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { readPlane } from '../../../src/main/imaging/read-plane.ts'
import { sharedFolder } from '../../shared.ts'

/**
 * What independent readers make of real files: tifffile 2026.3.3 with imagecodecs 2026.3.6, or Pillow 13.0.0 where tifffile does not read
 * the format. File, reader, [channels, height, width], pages, sample type, and the first 16 hexadecimal digits of the SHA-256
 * of the first page's samples, planar, little-endian, alpha dropped; of a stack with channels on pages of their own, of the first
 * channel. Pages: those like the first, or as the axes are.
 */
// prettier-ignore
const expected: [string, string, [number, number, number], number, string, string][] = [
  ['neubias_training/stacks/xyzc_16bit__spots.tif', 'tifffile', [2, 88, 89], 17, 'uint16', '60ccf7793c9ee321'],
  ['neubias_training/images_no_mask/xy_float__h2b_bg_corr.tif', 'tifffile', [1, 42, 60], 1, 'float32', 'e17b50fc4c3aa7ec'],
  ['pie_yeast_microcolonies_16bit/images/t08xy0001.tif', 'tifffile', [1, 720, 850], 1, 'uint16', '7e8ed2a8eb63ff6b'],
  ['bitdepth_nuclei_16bit/images/heart_20x_1.tif', 'tifffile', [1, 512, 512], 1, 'uint16', '232c67474fb89269'],
  ['usiigaci_phase_16bit/images/set22.tif', 'tifffile', [1, 1022, 1024], 1, 'uint16', '86b15da90df80639'],
  ['ome_tiff_and_zarr/images/viv_multi-channel_deflate.ome.tif', 'tifffile', [3, 167, 439], 1, 'int8', '687f1439d5821e1c'],
  ['stardist_samples/images/histo.jpg', 'Pillow', [3, 300, 500], 1, 'uint8', 'f1b31fe7f3577ab7'],
  ['dsb2018_fixed/images/243443ae303cc09cfbea85bfd22b0c4f026342f3dfc3aa1076f27867910d025b.png', 'Pillow', [3, 256, 256], 1, 'uint8', 'fff255b2f1f35780'],
  ['tiff_conformance/images/exampletiffs_bsd3/shapes_lzw_12bps.tif', 'tifffile', [3, 72, 128], 1, 'uint16', '1687f20176951a13'],
  ['tiff_conformance/images/exampletiffs_bsd3/shapes_lzw_planar_10bps.tif', 'tifffile', [3, 72, 128], 1, 'uint16', 'a314ae5c18f5921a'],
  ['tiff_conformance/images/exampletiffs_bsd3/shapes_lzw_predictor3.tif', 'tifffile', [3, 72, 128], 1, 'float32', '7824b5a9a284ac5e'],
  ['tiff_conformance/images/exampletiffs_bsd3/shapes_lzw_tiled_planar.tif', 'tifffile', [3, 72, 128], 1, 'uint8', '0744a63928064887'],
  ['tiff_conformance/images/exampletiffs_bsd3/shapes_zstd.tif', 'tifffile', [3, 72, 128], 1, 'uint8', '0744a63928064887'],
  ['tiff_conformance/images/exampletiffs_bsd3/shapes_multi_size.tif', 'tifffile', [3, 72, 128], 1, 'uint8', '0744a63928064887'],
  ['tiff_conformance/images/image-js/color16-multi.tif', 'tifffile', [3, 120, 160], 2, 'uint16', '48258adb9329a007'],
  ['tiff_conformance/images/image-js/greya16.tif', 'tifffile', [1, 90, 30], 1, 'uint8', '24ee518fdd30cde3'],
  ['tiff_conformance/images/image-js/palette.tif', 'tifffile', [1, 9, 9], 1, 'uint8', 'edc9eb33cafee28a'],
  ['tiff_conformance/images/image-rs/images/quad-lzw-compat.tiff', 'tifffile', [3, 384, 512], 1, 'uint8', 'bb4b9f197f1b6643'],
  ['tiff_conformance/images/image-rs/images/random-fp16-pred3.tiff', 'tifffile', [1, 16, 16], 1, 'float32', 'fcb74d11adc566e3'],
  ['tiff_conformance/images/image-rs/images/gradient-1c-64b.tiff', 'tifffile', [1, 1, 256], 1, 'float64', 'ccee5a19b727a172'],
  ['tiff_conformance/images/image-rs/images/int16_zstd.tif', 'tifffile', [1, 64, 64], 1, 'int16', '89cd8129230910e0'],
  ['tiff_conformance/images/image-rs/images/tiled-jpeg-ycbcr.tif', 'tifffile', [3, 499, 374], 1, 'uint8', 'd2968f312ba52d7b'],
  ['tiff_conformance/images/image-rs/images/fax4.tiff', 'tifffile', [1, 671, 1080], 1, 'uint8', 'c2d1bd30acd56d84'],
  ['tiff_conformance/images/image-rs/images/seq/seq-1c-24b-072a9dc9.tiff', 'tifffile', [1, 16, 16], 1, 'uint32', '8808405eec6fbe30'],
  ['tiff_conformance/images/image-rs/images/seq/seq-1c-16b-bigendian-68f373a0.tiff', 'tifffile', [1, 16, 16], 1, 'uint16', 'd93bf0591d37628e'],
  ['tiff_conformance/images/image-rs/images/seq/seq-1c-8b-tiled-bigtiff-20f3db0c.tiff', 'tifffile', [1, 16, 16], 1, 'uint8', '40aff2e9d2d8922e'],
  ['tiff_conformance/images/image-rs/images/seq/seq-1c-64f-deflate-fpredict-afa8560e.tiff', 'tifffile', [1, 16, 16], 1, 'float64', '9eb7f1f01b639e68'],
  ['tiff_conformance/images/image-rs/libtiffpic/depth/flower-rgb-planar-24.tif', 'tifffile', [3, 43, 73], 1, 'uint32', '658a7fbb91e3033b'],
  ['tiff_conformance/images/image-rs/libtiffpic/depth/flower-minisblack-06.tif', 'tifffile', [1, 43, 73], 1, 'uint8', '55bcbb1ac0406048'],
  ['tiff_conformance/images/image-rs/libtiffpic/quad-tile.tif', 'tifffile', [3, 384, 512], 1, 'uint8', 'bb4b9f197f1b6643'],
  ['tiff_conformance/images/pillow/tiff_strip_cmyk_jpeg.tif', 'tifffile', [4, 100, 100], 1, 'uint8', '48173c1faa2bdcdf'],
  ['tiff_conformance/images/pillow/tiff_wrong_bits_per_sample.tiff', 'tifffile', [3, 53, 52], 1, 'uint8', '40d7bc96957da39e'],
  ['tiff_conformance/images/pillow/multipage_single_frame_loop.tiff', 'tifffile', [1, 10, 10], 1, 'uint8', 'cd00e292c5970d3c'],
]

describe.skipIf(sharedFolder === undefined)('real files, beside independent readers', () => {
  test.each(expected)('%s as %s reads it', async (file, _reader, shape, pages, sampleType, digest) => {
    const source = await openImage(join(sharedFolder as string, 'data', file))
    try {
      const { samples, channels, width, height } = await readPlane(source)
      expect({
        shape: [channels, height, width],
        info: [source.info.channels, source.info.height, source.info.width],
        pages: source.info.pages,
        sampleType: source.info.sampleType,
        digest: createHash('sha256')
          .update(
            source.info.axes?.some(({ name }) => name === 'c')
              ? samples.subarray(0, width * height)
              : samples,
          )
          .digest('hex')
          .slice(0, 16),
      }).toEqual({ shape, info: shape, pages, sampleType, digest })
    } finally {
      await source.close()
    }
  })
})
