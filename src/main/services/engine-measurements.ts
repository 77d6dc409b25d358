import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import { type EngineMeasurement, engineMeasurementSchema } from '../../preload/contract/engines.ts'
import { explainFolderError } from './folder-error.ts'

const fileName = 'engines.json'

/** What measuring engines on this computer gave: figures, or why one cannot be used; kept in `engines.json`. */
export class EngineMeasurements {
  readonly #folder: string
  #measurements: readonly EngineMeasurement[]

  private constructor(folder: string, measurements: readonly EngineMeasurement[]) {
    this.#folder = folder
    this.#measurements = measurements
  }

  static async open(folder: string): Promise<EngineMeasurements> {
    return new EngineMeasurements(folder, await read(folder))
  }

  list(): readonly EngineMeasurement[] {
    return this.#measurements
  }

  /** Takes the place of an earlier one of this engine. @throws SegscopeError where they cannot be kept */
  async keep(measurement: EngineMeasurement): Promise<void> {
    // Another Segscope may have measured another engine meanwhile.
    const others = (await read(this.#folder)).filter(({ name }) => name !== measurement.name)
    this.#measurements = [...others, measurement]
    try {
      await mkdir(this.#folder, { recursive: true })
    } catch (thrown) {
      throw explainFolderError(thrown, this.#folder)
    }
    await writeFileAtomically(join(this.#folder, fileName), [
      Buffer.from(JSON.stringify(this.#measurements, null, 2)),
    ])
  }
}

/** Measurements that cannot be read are forgotten: they can be made again. */
async function read(folder: string): Promise<EngineMeasurement[]> {
  const text = await readFile(join(folder, fileName), 'utf8').catch(() => '[]')
  try {
    return z.array(engineMeasurementSchema).parse(JSON.parse(text))
  } catch {
    return []
  }
}
