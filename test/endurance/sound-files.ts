import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import h5wasm from 'h5wasm/node'
import sharp from 'sharp'
import { RandomGenerator } from '../../src/model/random.ts'
import { codecFiles } from '../main/imaging/codec-files.ts'
import { buildTiff } from '../main/imaging/tiff-builder.ts'

const [width, height] = [70, 50]

function noise(seed: number, length: number): Uint16Array {
  const random = new RandomGenerator(seed)
  return Uint16Array.from({ length }, () => random.nextInteger(60_000))
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint16Array): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
}

/** One small, sound file of each format and layout, to be damaged. @returns their paths; of Zarr folders, the folder's */
export async function writeSoundFiles(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const paths: string[] = []
  const keep = async (name: string, bytes: Uint8Array): Promise<void> => {
    await writeFile(join(folder, name), bytes)
    paths.push(join(folder, name))
  }
  const plane = noise(1, width * height)
  const png = sharp(bytesOf(plane), { raw: { width: width * 2, height, channels: 1 } })
  await keep('grey.png', await png.clone().png().toBuffer())
  await keep('interlaced.png', await png.clone().png({ progressive: true }).toBuffer())
  await keep('picture.jpg', await png.clone().jpeg().toBuffer())

  for (const [name, base64] of Object.entries(codecFiles)) await keep(name, Buffer.from(base64, 'base64'))

  const text = 'ImageJ=1.54f\nimages=4\nchannels=2\nframes=2\0'
  const ome = `<OME><Image Name="a"><Pixels SizeX="70" SizeY="50" SizeZ="1" SizeC="2" SizeT="2" DimensionOrder="XYCZT"><Channel Name="b"/><Channel/><TiffData/></Pixels></Image></OME>\0`
  for (const [name, description, compression] of [
    ['imagej.tif', text, 1] as const,
    ['ome.tif', ome, 8] as const,
  ]) {
    const chunk = bytesOf(plane).slice(0, width * height)
    const page = { width, height, chunks: [compression === 8 ? new Uint8Array(deflateSync(chunk)) : chunk] }
    const tags = { 259: [3, [compression]], 270: [2, [...Buffer.from(description)]] } as never
    await keep(
      name,
      buildTiff([
        { ...page, tags },
        ...Array.from({ length: 3 }, () => ({ ...page, tags: { 259: [3, [compression]] } as never })),
      ]),
    )
  }

  const header =
    `{'descr': '<u2', 'fortran_order': False, 'shape': (3, ${height}, ${width}), }`.padEnd(117) + '\n'
  const magic = [0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0]
  await keep(
    'stack.npy',
    Buffer.concat([Buffer.from(magic), Buffer.from(header), bytesOf(noise(2, 3 * width * height))]),
  )

  await h5wasm.ready
  for (const [name, extra] of [
    ['contiguous.h5', {}],
    ['chunked.h5', { chunks: [1, 20, 30], compression: 'gzip', compression_opts: 4 }],
  ] as const) {
    const path = join(folder, name)
    const file = new h5wasm.File(path, 'w')
    file.create_dataset({
      name: 'data',
      data: noise(3, 3 * width * height),
      shape: [3, height, width],
      ...extra,
    } as never)
    const set = file.get('data') as InstanceType<typeof h5wasm.Dataset>
    set.create_attribute('axistags', JSON.stringify({ axes: ['t', 'y', 'x'].map((key) => ({ key })) }))
    file.close()
    paths.push(path)
  }

  for (const version of [2, 3] as const) {
    const files = zarrFiles(version)
    await keep(`v${version}.zarr.zip`, zipSync(files))
    const root = join(folder, `v${version}.zarr`)
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true })
      await writeFile(join(root, name), bytes)
    }
    paths.push(root)
  }
  return paths
}

/** An OME-Zarr image of 2 channels in chunks of 40 x 40, gzipped. */
export function zarrFiles(version: 2 | 3): Record<string, Uint8Array> {
  const multiscales = [
    { axes: ['c', 'y', 'x'].map((name) => ({ name })), datasets: [{ path: '0' }], version: '0.4' },
  ]
  const shape = [2, height, width]
  const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
  const chunk = new Uint8Array(gzipSync(bytesOf(noise(4, 40 * 40))))
  const files: Record<string, Uint8Array> = {}
  for (const c of [0, 1])
    for (const y of [0, 1])
      for (const x of [0, 1]) files[version === 2 ? `0/${c}.${y}.${x}` : `0/c/${c}/${y}/${x}`] = chunk
  if (version === 2) {
    files['.zgroup'] = json({ zarr_format: 2 })
    files['.zattrs'] = json({ multiscales })
    files['0/.zarray'] = json({
      ...{
        zarr_format: 2,
        shape,
        chunks: [1, 40, 40],
        dtype: '<u2',
        order: 'C',
        fill_value: 0,
        filters: null,
      },
      compressor: { id: 'gzip', level: 5 },
    })
  } else {
    files['zarr.json'] = json({
      zarr_format: 3,
      node_type: 'group',
      attributes: { ome: { version: '0.5', multiscales } },
    })
    files['0/zarr.json'] = json({
      ...{ zarr_format: 3, node_type: 'array', shape, data_type: 'uint16', fill_value: 0, attributes: {} },
      chunk_grid: { name: 'regular', configuration: { chunk_shape: [1, 40, 40] } },
      chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
      codecs: [
        { name: 'bytes', configuration: { endian: 'little' } },
        { name: 'gzip', configuration: { level: 5 } },
      ],
    })
  }
  return files
}
