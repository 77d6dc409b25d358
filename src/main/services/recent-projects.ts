import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import type { RecentProject } from '../../preload/contract/projects.ts'
import { isProjectFolder } from './project.ts'

const fileName = 'recent-projects.json'
const longest = 20

const listSchema = z.array(z.object({ folder: z.string(), name: z.string(), opened: z.string() }))
type Entry = z.infer<typeof listSchema>[number]

/** The projects that were opened on this computer, newest first. */
export class RecentProjects {
  readonly #folder: string
  #entries: Entry[]

  private constructor(folder: string, entries: Entry[]) {
    this.#folder = folder
    this.#entries = entries
  }

  /** A list that cannot be read is begun anew: it holds nothing that a person made. */
  static async open(folder: string): Promise<RecentProjects> {
    const text = await readFile(join(folder, fileName), 'utf8').catch(() => '[]')
    let entries: Entry[] = []
    try {
      entries = listSchema.parse(JSON.parse(text))
    } catch {
      // As said above.
    }
    return new RecentProjects(folder, entries)
  }

  list(): RecentProject[] {
    return this.#entries.map((entry) => ({
      ...entry,
      missing: !isProjectFolder(entry.folder),
    }))
  }

  async add(folder: string, name: string): Promise<void> {
    const others = this.#entries.filter((entry) => entry.folder !== folder)
    await this.#save([{ folder, name, opened: new Date().toISOString() }, ...others].slice(0, longest))
  }

  async forget(folder: string): Promise<void> {
    await this.#save(this.#entries.filter((entry) => entry.folder !== folder))
  }

  async #save(entries: Entry[]): Promise<void> {
    this.#entries = entries
    await mkdir(this.#folder, { recursive: true })
    await writeFileAtomically(join(this.#folder, fileName), [Buffer.from(JSON.stringify(entries, null, 2))])
  }
}
