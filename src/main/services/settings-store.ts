import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import { type Settings, settingsSchema } from '../../preload/contract/settings.ts'
import { explainFolderError } from './folder-error.ts'

const usual: Settings = {
  theme: 'system',
  keys: {},
  cache: { folder: null, limitGigabytes: 5 },
  compute: { engine: null, threads: null, memoryGigabytes: null },
  packageSource: null,
  projectsFolder: null,
  tourSeen: false,
}

/** What a person set on this computer: `settings.json`, written whole or not at all. */
export class SettingsStore {
  readonly #folder: string
  readonly #file: string
  #settings: Settings
  #writing: Promise<void> = Promise.resolve()

  private constructor(folder: string, settings: Settings) {
    this.#folder = folder
    this.#file = join(folder, fileName)
    this.#settings = settings
  }

  /**
   * Reads the settings. A file that cannot be understood is kept beside, as `settings.json.unreadable`, and the usual
   * settings hold.
   * @throws SegscopeError where the folder cannot be read
   */
  static async open(folder: string): Promise<SettingsStore> {
    let text: string
    try {
      text = await readFile(join(folder, fileName), 'utf8')
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return new SettingsStore(folder, usual)
      throw explainFolderError(thrown, folder)
    }
    const read = parse(text)
    if (read === undefined) await rename(join(folder, fileName), join(folder, `${fileName}.unreadable`))
    return new SettingsStore(folder, read ?? usual)
  }

  get(): Settings {
    return this.#settings
  }

  /** Changes some of them and keeps them all. Changes are written one after another. */
  async change(changes: Partial<Settings>): Promise<Settings> {
    this.#settings = { ...this.#settings, ...changes }
    const bytes = Buffer.from(`${JSON.stringify(this.#settings, null, 2)}\n`)
    const write = this.#writing.then(async () => {
      try {
        await mkdir(this.#folder, { recursive: true })
      } catch (thrown) {
        throw explainFolderError(thrown, this.#folder)
      }
      await writeFileAtomically(this.#file, [bytes])
    })
    // The next change is written whether or not this one could be; this caller is told.
    this.#writing = write.catch(() => undefined)
    await write
    return this.#settings
  }
}

const fileName = 'settings.json'

function parse(text: string): Settings | undefined {
  try {
    // An older version's file lacks what is new.
    const read = settingsSchema.partial().safeParse(JSON.parse(text)).data
    return read && { ...usual, ...(read as Partial<Settings>) }
  } catch {
    // Not JSON: the caller keeps the file beside.
    return undefined
  }
}
