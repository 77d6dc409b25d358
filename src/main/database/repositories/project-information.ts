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
}

/** What a project says of itself: its name and its classes. */
export class ProjectInformationRepository {
  readonly #connection: DatabaseConnection
  readonly #insert: Statement<never>
  readonly #select: Statement<ProjectInformation>
  readonly #classes: Statement<ProjectClass>
  readonly #deleteClasses: Statement<never>
  readonly #insertClass: Statement<never>

  constructor(connection: DatabaseConnection) {
    this.#connection = connection
    this.#insert = connection.prepare(
      'INSERT OR IGNORE INTO project (id, name, created) VALUES (1, @name, @created)',
    )
    this.#select = connection.prepare('SELECT name, created FROM project')
    this.#classes = connection.prepare('SELECT value, name, colour FROM classes ORDER BY value')
    this.#deleteClasses = connection.prepare('DELETE FROM classes')
    this.#insertClass = connection.prepare(
      'INSERT INTO classes (value, name, colour) VALUES (@value, @name, @colour)',
    )
  }

  /** Names a project that has no name yet; one that has keeps it. */
  nameOnce(name: string): void {
    this.#insert.run({ name, created: new Date().toISOString() })
  }

  get(): ProjectInformation | undefined {
    return this.#select.get()
  }

  classes(): ProjectClass[] {
    return this.#classes.all()
  }

  replaceClasses(classes: readonly ProjectClass[]): void {
    this.#connection.transaction(() => {
      this.#deleteClasses.run()
      for (const { value, name, colour } of classes) this.#insertClass.run({ value, name, colour })
    })
  }
}
