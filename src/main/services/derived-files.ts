import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import { removeAbandonedTemporaries } from '../imaging/temporary-file.ts'
import { outputError } from '../imaging/write-errors.ts'
import { knowImages } from './know-images.ts'
import { type FileState, SegmentationLedger } from './segmentation-ledger.ts'

export interface DerivedFile {
  /** Relative to the output folder, with `/`; a file, or a folder that is written as one. */
  output: string
  /** Of what it is made of; undefined: it is made anew every time. */
  from: FileState | undefined
  /** What it depends on besides. */
  recipe: string
  /** Is given the path. Leaves there the whole, or what was there. */
  write: (path: string) => Promise<void>
}

/**
 * What is made of the results in an output folder: once of the same result by the same recipe, never in an image's place, and
 * in that of a file that no run left there only where this is allowed.
 */
export class DerivedFiles {
  readonly #outFolder: string
  readonly #overwrite: boolean
  readonly #ledger: SegmentationLedger
  readonly #isImage: (path: string) => Promise<boolean>
  /** In lower case: Windows and macOS take names that differ in case for one. */
  readonly #made = new Set<string>()
  readonly #foldersReady = new Set<string>()

  private constructor(
    outFolder: string,
    overwrite: boolean,
    ledger: SegmentationLedger,
    isImage: (path: string) => Promise<boolean>,
  ) {
    this.#outFolder = outFolder
    this.#overwrite = overwrite
    this.#ledger = ledger
    this.#isImage = isImage
  }

  /** @throws SegscopeError as `outputError` says */
  static async open(outFolder: string, images: readonly string[], overwrite: boolean): Promise<DerivedFiles> {
    const isImage = await knowImages(images)
    return new DerivedFiles(outFolder, overwrite, await SegmentationLedger.open(outFolder), isImage)
  }

  /** Whether a run left this there, and nobody changed it; undefined where there is nothing. */
  async isOurs(output: string): Promise<boolean | undefined> {
    const origin = await this.#ledger.originOf(output)
    return origin && origin.kind !== 'foreign'
  }

  /** @throws SegscopeError `output-exists`, `output-overwrites-image`; as `outputError` says, and what `write` throws */
  async make({ output, from, recipe, write }: DerivedFile): Promise<void> {
    const path = join(this.#outFolder, output)
    const origin = await this.#ledger.originOf(output)
    const isDone =
      origin?.kind === 'ours' &&
      origin.recipe === recipe &&
      origin.image.bytes === from?.bytes &&
      origin.image.modified === from.modified
    if (isDone) return
    if (this.#made.has(output.toLowerCase())) {
      throw new SegscopeError('output-exists', `Two images would have ${path} for their result.`, {
        file: output,
        remedy: 'Rename one of the images, or segment them into folders of their own.',
      })
    }
    this.#made.add(output.toLowerCase())
    if (origin?.kind === 'foreign' && !this.#overwrite) {
      throw new SegscopeError(
        'output-exists',
        `${path} is there already, and is not as a run of Segscope left it.`,
        { file: output, remedy: 'Move it away, choose another output folder, or allow overwriting.' },
      )
    }
    if (await this.#isImage(path)) {
      throw new SegscopeError(
        'output-overwrites-image',
        `The result ${path} would replace one of the images.`,
        { file: output, remedy: 'Choose another output folder.' },
      )
    }
    await this.#makeReady(dirname(path))
    await this.#ledger.begin([output])
    await write(path)
    await this.#ledger.complete(from ?? { bytes: 0, modified: 0 }, recipe, [output])
  }

  async close(): Promise<void> {
    await this.#ledger.close()
  }

  async #makeReady(folder: string): Promise<void> {
    if (this.#foldersReady.has(folder)) return
    try {
      await mkdir(folder, { recursive: true })
      await removeAbandonedTemporaries(folder)
    } catch (error) {
      throw outputError(folder, error)
    }
    this.#foldersReady.add(folder)
  }
}
