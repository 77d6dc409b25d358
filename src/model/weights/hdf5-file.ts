import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import h5wasm from 'h5wasm/node'
import { SegscopeError } from '../errors.ts'
import type { Tensor } from './tensor.ts'

/** An HDF5 file open for reading; libhdf5 reads from the disk what is asked for, no copy of the file is made. */
export class Hdf5File {
  readonly path: string
  /** Paths of all groups and data sets, without a leading slash. */
  readonly paths: readonly string[]
  readonly #file: InstanceType<typeof h5wasm.File>

  private constructor(path: string, file: InstanceType<typeof h5wasm.File>) {
    this.path = path
    this.#file = file
    this.paths = file.paths()
  }

  /** @throws SegscopeError `file-not-found`, `hdf5-not-recognised`, `hdf5-truncated`, `hdf5-damaged` */
  static async open(path: string): Promise<Hdf5File> {
    await checkThere(path)
    const module = await h5wasm.ready
    // Without it libhdf5 prints its errors to the terminal and h5wasm carries on with an invalid file.
    module.activate_throwing_error_handler()
    try {
      const file = new h5wasm.File(resolve(path), 'r')
      try {
        return new Hdf5File(path, file)
      } catch (thrown) {
        file.close()
        throw thrown
      }
    } catch (thrown) {
      throw explain(thrown, path)
    }
  }

  /**
   * Shape and sample type (`<f`: 32-bit floats, little-endian) of a data set.
   * @throws SegscopeError `hdf5-damaged`, also where the path is no data set
   */
  describeDataSet(dataSetPath: string): { shape: readonly number[]; type: string } {
    const dataSet = this.#dataSet(dataSetPath)
    return { shape: dataSet.shape ?? [], type: JSON.stringify(dataSet.dtype).replaceAll('"', '') }
  }

  /**
   * Reads a data set of 32-bit floats. Check its description first: whatever size the file states is read.
   * @throws SegscopeError `hdf5-damaged`
   */
  readFloats(dataSetPath: string): Tensor {
    const dataSet = this.#dataSet(dataSetPath)
    try {
      const data = dataSet.value
      if (!(data instanceof Float32Array)) throw new Error(`${dataSetPath} holds no 32-bit floats`)
      return { shape: dataSet.shape ?? [], data }
    } catch (thrown) {
      throw explain(thrown, this.path)
    }
  }

  close(): void {
    this.#file.close()
  }

  #dataSet(dataSetPath: string): InstanceType<typeof h5wasm.Dataset> {
    try {
      const entity = this.#file.get(dataSetPath)
      if (entity instanceof h5wasm.Dataset) return entity
      throw new Error(`${dataSetPath} is not a data set`)
    } catch (thrown) {
      throw explain(thrown, this.path)
    }
  }
}

async function checkThere(path: string): Promise<void> {
  try {
    if ((await stat(path)).isFile()) return
  } catch (thrown) {
    throw new SegscopeError('file-not-found', `There is no file ${path}.`, { file: path, cause: thrown })
  }
  throw new SegscopeError('file-not-found', `${path} is not a file.`, { file: path })
}

/** What libhdf5's stack of errors says in its deepest line, as an error for people. */
function explain(thrown: unknown, path: string): SegscopeError {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const truncated = /truncated file: eof = (\d+),.* stored_eof = (\d+)/.exec(text)
  if (truncated !== null) {
    return new SegscopeError(
      'hdf5-truncated',
      `${path} is cut off: it says it has ${truncated[2]} bytes, but ${truncated[1]} are there.`,
      { file: path, remedy: 'Download or copy it again.', cause: thrown },
    )
  }
  if (text.includes('file signature not found')) {
    return new SegscopeError('hdf5-not-recognised', `${path} is not an HDF5 file.`, {
      file: path,
      remedy: 'Download it again; what was saved may be a web page, not the file.',
      cause: thrown,
    })
  }
  const reasons = [...text.matchAll(/in \w+\(\): (.*)/g)]
  const reason = reasons.at(-1)?.[1] ?? text
  return new SegscopeError('hdf5-damaged', `${path} is damaged: ${reason}.`, {
    file: path,
    remedy: 'Download or copy it again.',
    cause: thrown,
  })
}
