import { classColour } from '../../model/classes/palette.ts'
import { SegscopeError } from '../../model/errors.ts'
import { UNLABELLED } from '../../model/images/label-map.ts'
import type { ProjectClass } from '../database/repositories/project-information.ts'
import type { Project } from './project.ts'

const BACKGROUND = 0

/** What a class is changed to; what is left out stays. */
export interface ClassChange {
  name?: string | undefined
  colour?: string | undefined
  /** null takes the key away. */
  key?: string | null | undefined
}

/** The classes that a project's labels may have. A project begins with the background alone. */
export class ProjectClasses {
  readonly #project: Project

  constructor(project: Project) {
    this.#project = project
    if (project.information.classes().length === 0) {
      this.#save([{ value: BACKGROUND, name: 'background', colour: classColour(BACKGROUND), key: '0' }])
    }
  }

  /** In the order that the person chose. */
  list(): ProjectClass[] {
    return this.#project.information.classes()
  }

  /**
   * Adds a class with the lowest free value, colour and key.
   * @throws SegscopeError `class-name-taken`, `classes-full`
   */
  add(name: string, colour?: string): ProjectClass[] {
    const classes = this.list()
    this.#checkName(name, undefined)
    const value = lowestFree(
      classes.map((each) => each.value),
      UNLABELLED,
    )
    if (value === undefined) {
      throw new SegscopeError('classes-full', `A project holds ${UNLABELLED} classes at most.`, {
        remedy: 'Delete one that is not needed.',
      })
    }
    const key = lowestFree(
      classes.flatMap((each) => (each.key === null ? [] : [Number(each.key)])),
      10,
    )
    this.#save([
      ...classes,
      { value, name, colour: colour ?? classColour(value), key: key === undefined ? null : String(key) },
    ])
    return this.list()
  }

  /**
   * A key that another class has goes over to this one.
   * @throws SegscopeError `class-name-taken`, `class-unknown`
   */
  change(value: number, { name, colour, key }: ClassChange): ProjectClass[] {
    this.#checkKnown(value)
    if (name !== undefined) this.#checkName(name, value)
    this.#save(
      this.list().map((each) => {
        if (each.value !== value) return key !== undefined && each.key === key ? { ...each, key: null } : each
        return {
          value,
          name: name ?? each.name,
          colour: colour ?? each.colour,
          key: key === undefined ? each.key : key,
        }
      }),
    )
    return this.list()
  }

  /** @throws SegscopeError `classes-not-all` where the values are not those of all classes */
  reorder(values: readonly number[]): ProjectClass[] {
    const classes = new Map(this.list().map((each) => [each.value, each]))
    const ordered = values.flatMap((value) => classes.get(value) ?? [])
    if (ordered.length !== classes.size || new Set(values).size !== values.length) {
      throw new SegscopeError('classes-not-all', 'The classes have changed meanwhile.', {
        remedy: 'Try once more.',
      })
    }
    this.#save(ordered)
    return this.list()
  }

  /** Takes the class off the list; its labels are `LabelStore.removeClass`'s business. */
  remove(value: number): ProjectClass[] {
    this.#checkKnown(value)
    if (value === BACKGROUND) {
      throw new SegscopeError('class-needed', 'The background cannot be deleted: every image has some.', {
        remedy: 'Rename it, if it is called something else with you.',
      })
    }
    this.#save(this.list().filter((each) => each.value !== value))
    return this.list()
  }

  #checkKnown(value: number): void {
    if (this.list().some((each) => each.value === value)) return
    throw new SegscopeError('class-unknown', `The project has no class ${value}.`, {
      remedy: 'It was deleted meanwhile; look at the list again.',
    })
  }

  #checkName(name: string, value: number | undefined): void {
    const same = this.list().find(
      (each) => each.value !== value && each.name.toLowerCase() === name.toLowerCase(),
    )
    if (same === undefined) return
    throw new SegscopeError('class-name-taken', `There is a class "${same.name}" already.`, {
      remedy: 'Choose another name.',
    })
  }

  #save(classes: readonly ProjectClass[]): void {
    this.#project.information.replaceClasses(classes)
  }
}

function lowestFree(taken: readonly number[], limit: number): number | undefined {
  for (let value = 0; value < limit; value++) if (!taken.includes(value)) return value
  return undefined
}
