import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import { type EngineFigures, engineFiguresSchema } from '../../preload/contract/engines.ts'
import { explainFolderError } from './folder-error.ts'

const fileName = 'engines.json'

/** How quick engines were on this computer, by their names; kept in `engines.json`. */
export class EngineFiguresStore {
  readonly #folder: string
  #figures: readonly EngineFigures[]

  private constructor(folder: string, figures: readonly EngineFigures[]) {
    this.#folder = folder
    this.#figures = figures
  }

  /** Figures that cannot be read are forgotten: they can be measured again. */
  static async open(folder: string): Promise<EngineFiguresStore> {
    const text = await readFile(join(folder, fileName), 'utf8').catch(() => '[]')
    let figures: readonly EngineFigures[] = []
    try {
      figures = z.array(engineFiguresSchema).parse(JSON.parse(text))
    } catch {
      // As said above.
    }
    return new EngineFiguresStore(folder, figures)
  }

  list(): readonly EngineFigures[] {
    return this.#figures
  }

  /** Takes the place of earlier ones of this engine. @throws SegscopeError where they cannot be kept */
  async keep(figures: EngineFigures): Promise<void> {
    this.#figures = [...this.#figures.filter(({ name }) => name !== figures.name), figures]
    try {
      await mkdir(this.#folder, { recursive: true })
    } catch (thrown) {
      throw explainFolderError(thrown, this.#folder)
    }
    await writeFileAtomically(join(this.#folder, fileName), [
      Buffer.from(JSON.stringify(this.#figures, null, 2)),
    ])
  }
}
