import { resolve } from 'node:path'

interface Stream {
  /** null once it is closed. */
  fd: number | null
}

/** The part of h5wasm's file system that opens files: under Node it is the computer's own. */
interface FileSystem {
  open: (path: string, flags: string | number, mode?: number, from?: number, to?: number) => Stream
  close: (stream: Stream) => void
  ErrnoError: new (errno: number) => Error
}

/** Emscripten's numbers (musl's) for "permission denied" and for opening what must not be there yet. */
const ACCESS_DENIED = 2
const EXCLUSIVE = 0o200

/** The one file that may be opened; undefined: any. */
let only: string | undefined
/** In which libhdf5 writes an error before it is thrown: thrown past, they would stay open. */
const scratchFiles: Stream[] = []
const confined = new WeakSet<object>()

/**
 * Runs what reads an HDF5 file, and lets it open that file alone: an HDF5 file can name others (external links, external and
 * virtual storage), and so make a viewer read what its user never chose.
 */
export function confinedTo<Result>(module: { FS: unknown }, file: string, read: () => Result): Result {
  const fileSystem = module.FS as FileSystem
  if (!confined.has(fileSystem)) {
    confined.add(fileSystem)
    const open = fileSystem.open.bind(fileSystem)
    fileSystem.open = (path, flags, ...rest) => {
      const isScratch = typeof flags === 'number' && (flags & EXCLUSIVE) !== 0
      if (only !== undefined && !isScratch && resolve(path) !== only)
        throw new fileSystem.ErrnoError(ACCESS_DENIED)
      const stream = open(path, flags, ...rest)
      if (isScratch) scratchFiles.push(stream)
      return stream
    }
  }
  only = resolve(file)
  try {
    return read()
  } finally {
    only = undefined
    for (const stream of scratchFiles.splice(0)) if (stream.fd !== null) fileSystem.close(stream)
  }
}
