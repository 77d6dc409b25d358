import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import { explainFolderError } from './folder-error.ts'

const fileName = 'engines.json'

const figuresSchema = z.object({
  name: z.string(),
  version: z.string(),
  device: z.string(),
  threads: z.number(),
  /** The network's forward pass, and a step of its training, on 8 patches of 128 x 128; medians. */
  forwardMilliseconds: z.number(),
  stepMilliseconds: z.number(),
  /** ISO 8601, UTC. */
  measured: z.string(),
})
export type EngineFigures = z.infer<typeof figuresSchema>

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
      figures = z.array(figuresSchema).parse(JSON.parse(text))
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
