import type { DatabaseConnection, Statement } from '../connection.ts'

export interface ProjectInformation {
  name: string
  /** ISO 8601, UTC. */
  created: string
}

/** A class that a pixel can have, as the project shows it. */
export interface ProjectClass {
  /** The value in label maps, 0 ... 254. */
  value: number
  name: string
  /** '#rrggbb' */
  colour: string
  /** The digit that chooses it while labelling; null: none. */
  key: string | null
}

/** What a project says of itself: its name and its classes. */
export class ProjectInformationRepository {
  readonly #connection: DatabaseConnection
  readonly #insert: Statement<never>
  readonly #select: Statement<ProjectInformation>
  readonly #rename: Statement<never>
  readonly #viewer: Statement<{ viewer: string | null }>
  readonly #saveViewer: Statement<never>
  readonly #classes: Statement<ProjectClass>
  readonly #deleteClasses: Statement<never>
  readonly #insertClass: Statement<never>

  constructor(connection: DatabaseConnection) {
    this.#connection = connection
    this.#insert = connection.prepare(
      'INSERT OR IGNORE INTO project (id, name, created) VALUES (1, @name, @created)',
    )
    this.#select = connection.prepare('SELECT name, created FROM project')
    this.#rename = connection.prepare('UPDATE project SET name = @name')
    this.#viewer = connection.prepare('SELECT viewer FROM project')
    this.#saveViewer = connection.prepare('UPDATE project SET viewer = @viewer')
    this.#classes = connection.prepare(
      'SELECT value, name, colour, key FROM classes ORDER BY position, value',
    )
    this.#deleteClasses = connection.prepare('DELETE FROM classes')
    this.#insertClass = connection.prepare(
      `INSERT INTO classes (value, name, colour, key, position) VALUES (@value, @name, @colour, @key, @position)`,
    )
  }

  /** Names a project that has no name yet; one that has keeps it. */
  nameOnce(name: string): void {
    this.#insert.run({ name, created: new Date().toISOString() })
  }

  get(): ProjectInformation | undefined {
    return this.#select.get()
  }

  rename(name: string): void {
    this.#rename.run({ name })
  }

  /** What the page keeps of its view, as JSON. */
  viewer(): string | undefined {
    return this.#viewer.get()?.viewer ?? undefined
  }

  saveViewer(viewer: string): void {
    this.#saveViewer.run({ viewer })
  }

  /** In the order that the person chose. */
  classes(): ProjectClass[] {
    return this.#classes.all()
  }

  replaceClasses(classes: readonly ProjectClass[]): void {
    this.#connection.transaction(() => {
      this.#deleteClasses.run()
      classes.forEach((each, position) => this.#insertClass.run({ ...each, position }))
    })
  }
}
