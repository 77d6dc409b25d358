import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { sharedFolder } from '../../shared.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { buildTiff, type BuiltTag } from './tiff-builder.ts'

const whole = { x: 0, y: 0, width: 2, height: 1 }

/** A stack of 2 x 1 pixels whose plane p holds 10 p and 10 p + 1, with a description. */
async function writeStack(planes: number, description: string, name = 'stack.tif'): Promise<string> {
  const text: BuiltTag = [2, [...Buffer.from(`${description}\0`)]]
  const bytes = buildTiff(
    Array.from({ length: planes }, (_, plane) => ({
      width: 2,
      height: 1,
      chunks: [Uint8Array.of(10 * plane, 10 * plane + 1)],
      ...(plane === 0 && { tags: { 270: text } }),
    })),
  )
  const path = join(temporaryFolder(), name)
  await writeFile(path, bytes)
  return path
}

async function firstValues(address: string): Promise<{ info: object; pages: number[][] }> {
  const source = await openImage(address)
  try {
    const pages: number[][] = []
    for (let page = 0; page < source.info.pages; page++) {
      const { samples } = await source.read(whole, page)
      pages.push([...samples].filter((_, at) => at % 2 === 0))
    }
    return { info: source.info, pages }
  } finally {
    await source.close()
  }
}

function omeXml(sizes: string, inner: string): string {
  return `<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0" Name="cells">
    <Pixels ID="Pixels:0" Type="uint8" SizeX="2" SizeY="1" ${sizes}>${inner}</Pixels></Image></OME>`
}

describe('planes of a stack', () => {
  test('of ImageJ lie channel by channel within z within time', async () => {
    const path = await writeStack(
      12,
      'ImageJ=1.54f\nimages=12\nchannels=2\nslices=3\nframes=2\nhyperstack=true',
    )
    const { info, pages } = await firstValues(path)
    expect(info).toMatchObject({ channels: 2, pages: 6, zPlanes: 3 })
    expect(pages).toEqual([
      [0, 10],
      [20, 30],
      [40, 50],
      [60, 70],
      [80, 90],
      [100, 110],
    ])
  })

  test('take other axes where a person says so, and all lie along one where only one is named', async () => {
    const path = await writeStack(6, 'ImageJ=1.54f\nimages=6\nchannels=2\nslices=3')
    expect((await firstValues(`${path}?axes=ctyx`)).pages).toEqual([
      [0, 20, 40],
      [10, 30, 50],
    ])
    expect((await firstValues(`${path}?axes=tyx`)).pages).toEqual([[0], [10], [20], [30], [40], [50]])
    expect((await firstValues(`${path}?axes=cyx`)).info).toMatchObject({ channels: 6, pages: 1 })
  })

  test.each(['xy', 'zzyx', 'zcxy', 'qcyx', 'tzcyx'])(
    'the axes %s, which do not fit, are refused',
    async (axes) => {
      const path = await writeStack(6, 'ImageJ=1.54f\nimages=6\nchannels=2\nslices=3')
      await expect(openImage(`${path}?axes=${axes}`)).rejects.toMatchObject({
        code: 'axes-do-not-fit',
        file: path,
      })
    },
  )

  test('of OME-TIFF lie as DimensionOrder and TiffData say, with names and colours', async () => {
    const description = omeXml(
      'SizeZ="1" SizeC="2" SizeT="2" DimensionOrder="XYTZC" PhysicalSizeX="0.5"',
      `<Channel ID="Channel:0:0" Name="DAPI" Color="65535"/><Channel ID="Channel:0:1"/>
       <TiffData IFD="2" PlaneCount="2"/><TiffData IFD="0" FirstC="1" PlaneCount="2"/>`,
    )
    const { info, pages } = await firstValues(await writeStack(4, description))
    expect(info).toMatchObject({
      format: 'OME-TIFF',
      channels: 2,
      pages: 2,
      zPlanes: 1,
      pixelSize: { x: 0.5, y: 0.5, unit: 'µm' },
      channelLooks: [{ name: 'DAPI', colour: '#0000ff' }, {}],
    })
    expect(pages).toEqual([
      [20, 0],
      [30, 10],
    ])
  })

  test('of OME-XML that does not fit the file, names a file elsewhere or declares entities are the pages themselves', async () => {
    const sizes = 'SizeZ="3" SizeC="1" SizeT="1" DimensionOrder="XYZCT"'
    const bomb = '<!DOCTYPE OME [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    for (const description of [
      omeXml(sizes.replace('3', '9'), '<TiffData/>'),
      omeXml(sizes, '<TiffData IFD="0"><UUID FileName="../other.tif">urn:uuid:1</UUID></TiffData>'),
      omeXml(sizes, '<TiffData IFD="0"><UUID FileName="missing.tif">urn:uuid:1</UUID></TiffData>'),
      omeXml(sizes, '<TiffData/>').replace('<OME', `${bomb}<OME`),
      omeXml(sizes, '<a>'.repeat(5000)),
    ]) {
      const { info, pages } = await firstValues(await writeStack(3, description))
      expect(info).toMatchObject({ format: 'TIFF', pages: 3, zPlanes: 3 })
      expect(pages).toEqual([[0], [10], [20]])
    }
  })

  test('one of several images of a file is chosen by its name', async () => {
    const one = omeXml(
      'SizeZ="1" SizeC="1" SizeT="2" DimensionOrder="XYZCT"',
      '<TiffData IFD="0" PlaneCount="2"/>',
    )
    const other = /<Image[^]*<\/Image>/.exec(one.replace('cells', 'label').replace('IFD="0"', 'IFD="2"'))?.[0]
    const path = await writeStack(4, one.replace('</OME>', `${other as string}</OME>`))
    const { info, pages } = await firstValues(path)
    expect(info).toMatchObject({ images: ['cells', 'label'], image: 'cells' })
    expect(pages).toEqual([[0], [10]])
    expect((await firstValues(`${path}?image=label`)).pages).toEqual([[20], [30]])
    await expect(openImage(`${path}?image=x`)).rejects.toMatchObject({ code: 'image-not-in-file' })
  })
})

/** Axes as tifffile 2026.3.3 gives them, for real files. */
const real: [string, { channels: number; pages: number; zPlanes: number }][] = [
  ['neubias_training/stacks/xyzc_16bit__spots.tif', { channels: 2, pages: 17, zPlanes: 17 }],
  ['neubias_training/stacks/xyt_8bit_polyp.tif', { channels: 1, pages: 3, zPlanes: 1 }],
  ['ilastik_hdf5/images_tiff_hyperstack_metadata/5d.tif', { channels: 3, pages: 25, zPlanes: 5 }],
  ['ome_tiff_and_zarr/images/multi-channel.ome.tif', { channels: 3, pages: 1, zPlanes: 1 }],
  ['ome_tiff_and_zarr/images/ome_artificial/4D-series.ome.tif', { channels: 1, pages: 35, zPlanes: 5 }],
  ['ome_tiff_and_zarr/images/viv_multifile/multifile-Z3.ome.tiff', { channels: 1, pages: 5, zPlanes: 5 }],
]

describe.skipIf(sharedFolder === undefined)('real stacks', () => {
  const data = join(sharedFolder ?? '', 'data')

  test.each(real)('%s has the axes that tifffile gives it', async (file, expected) => {
    const source = await openImage(join(data, file))
    expect(source.info).toMatchObject(expected)
    await source.close()
  })

  test('a member of a set whose other files are missing is its own page', async () => {
    const path = join(temporaryFolder(), 'multifile-Z3.ome.tiff')
    await copyFile(join(data, 'ome_tiff_and_zarr/images/viv_multifile/multifile-Z3.ome.tiff'), path)
    const source = await openImage(path)
    expect(source.info).toMatchObject({ pages: 1, width: 18, height: 24 })
    await source.close()
  })
})
