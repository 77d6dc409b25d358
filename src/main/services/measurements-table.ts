import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import {
  type MeasuredImage,
  measurementsHeading,
  measurementsRows,
} from '../../model/prediction/measurements-csv.ts'
import { TemporaryFile } from '../imaging/temporary-file.ts'

/**
 * A table of objects of any number of images. Its heading follows from the image with the most channels, which is known when the last
 * one is measured: until then the rows wait in a temporary file beside it.
 */
export class MeasurementsTable {
  readonly #file: string
  readonly #classNames: readonly string[]
  readonly #rows: TemporaryFile
  #size = 0
  #channels = 1

  private constructor(file: string, classNames: readonly string[], rows: TemporaryFile) {
    this.#file = file
    this.#classNames = classNames
    this.#rows = rows
  }

  /** @throws SegscopeError as `TemporaryFile.create` */
  static async begin(file: string, classNames: readonly string[]): Promise<MeasurementsTable> {
    return new MeasurementsTable(file, classNames, await TemporaryFile.create(file))
  }

  /** @throws SegscopeError as `TemporaryFile.write` */
  async add(image: MeasuredImage, channels: number): Promise<void> {
    this.#channels = Math.max(this.#channels, channels)
    const rows = Buffer.from(measurementsRows(image, this.#classNames))
    await this.#rows.write(rows, this.#size)
    this.#size += rows.length
  }

  /** Puts the table in place. @throws SegscopeError as `writeFileAtomically` */
  async finish(): Promise<void> {
    await writeFileAtomically(this.#file, this.#chunks())
  }

  /** To be called in the end, whatever happened: leaves nothing behind but a table that is finished. */
  async discard(): Promise<void> {
    await this.#rows.discard()
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(measurementsHeading(this.#channels))
    yield* this.#rows.read(this.#size)
  }
}
