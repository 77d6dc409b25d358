import { UNLABELLED } from '../../model/images/label-map.ts'
import type { CheckpointRecord } from '../database/repositories/checkpoints.ts'
import type { Project } from './project.ts'

/** As the network that comes with Segscope calls the pixels between an object and all else. */
const OUTLINE = 'outline'

/**
 * Which of the project's class values each of a network's classes stands for; 255 where there is none. A network that
 * learnt from the project's own labels knows; any other's classes are found by their names, and what has no namesake
 * takes the class at its place, unless that is another's. An outline without a namesake is part of what it is drawn around.
 * @param classNames of the network
 */
export function networkClassValues(
  project: Project,
  { experiment }: Pick<CheckpointRecord, 'experiment'>,
  classNames: readonly string[],
): number[] {
  const classes = project.information.classes().toSorted((one, other) => one.value - other.value)
  const learnt =
    experiment === undefined ? undefined : project.experiments.get(experiment).parameters['classValues']
  if (typeof learnt === 'string') {
    const present = new Set(classes.map(({ value }) => value))
    return learnt.split(',').map((text) => (present.has(Number(text)) ? Number(text) : UNLABELLED))
  }
  const plain = (name: string): string => name.trim().toLowerCase()
  const namesakes = classNames.map((name) => classes.find((each) => plain(each.name) === plain(name))?.value)
  const values: number[] = []
  namesakes.forEach((namesake, place) => {
    const surrounded = plain(classNames[place] ?? '') === OUTLINE ? values.at(-1) : undefined
    const free = namesakes.includes(classes[place]?.value) ? undefined : classes[place]?.value
    values.push(namesake ?? surrounded ?? free ?? UNLABELLED)
  })
  return values
}
