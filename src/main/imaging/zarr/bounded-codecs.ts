import { promisify } from 'node:util'
import { gunzip, inflate, zstdDecompress } from 'node:zlib'
import { registry } from 'zarrita'

type Unpack = (bytes: Uint8Array, limit: number) => Promise<Uint8Array>

interface LoadedCodec {
  fromConfig: (config: unknown) => { decode: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array> }
}

interface ChunkMetadata {
  shape: readonly number[]
}

/** No sample is longer; checksums and the like take little more. */
const LONGEST_SAMPLE = 8
const EXTRA_BYTES = 1024

let areBound = false

/**
 * Has zarrita unpack chunks to no more than they declare to hold: a few kilobytes of Deflate can stand for gigabytes. Deflate and
 * Zstandard are Node's own; Blosc and LZ4 say in their first bytes how long their data are.
 */
export function boundCodecs(): void {
  if (areBound) return
  areBound = true
  for (const prefix of ['', 'numcodecs.']) {
    registry.set(`${prefix}gzip`, () => codec(limited(promisify(gunzip))))
    registry.set(`${prefix}zlib`, () => codec(limited(promisify(inflate))))
    registry.set(`${prefix}zstd`, () => codec(limited(promisify(zstdDecompress))))
    check(`${prefix}blosc`, 4)
    check(`${prefix}lz4`, 0)
  }
}

/** @param lengthAt where the unpacked length is, as a 32-bit number, little end first */
function check(name: string, lengthAt: number): void {
  const load = registry.get(name) as unknown as () => Promise<LoadedCodec>
  registry.set(name, async () => checked(await load(), lengthAt))
}

function limited(
  unpack: (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>,
): Unpack {
  return (bytes, limit) => unpack(bytes, { maxOutputLength: limit })
}

function limitOf({ shape }: ChunkMetadata): number {
  return shape.reduce((product, size) => product * size, LONGEST_SAMPLE) + EXTRA_BYTES
}

function codec(unpack: Unpack) {
  return {
    fromConfig: (_: unknown, metadata: ChunkMetadata) => ({
      kind: 'bytes_to_bytes' as const,
      encode: () => {
        throw new Error('Chunks are only read here.')
      },
      decode: async (bytes: Uint8Array) => new Uint8Array(await unpack(bytes, limitOf(metadata))),
    }),
  } as never
}

function checked(original: LoadedCodec, lengthAt: number) {
  return {
    fromConfig: (config: unknown, metadata: ChunkMetadata) => {
      const inner = original.fromConfig(config ?? {})
      return {
        kind: 'bytes_to_bytes' as const,
        encode: () => {
          throw new Error('Chunks are only read here.')
        },
        decode: (bytes: Uint8Array) => {
          if (bytes.length < lengthAt + 4) throw new Error('it is cut off')
          const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(lengthAt, true)
          if (length > limitOf(metadata)) throw new Error(`it would unpack to ${String(length)} bytes`)
          return inner.decode(bytes)
        },
      }
    },
  } as never
}
