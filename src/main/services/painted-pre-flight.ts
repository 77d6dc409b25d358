import type { Finding, PreFlight } from '../../preload/contract/training.ts'
import type { Project } from './project.ts'

/** Fewer pixels of a class than a stroke of the brush, 5 wide and 40 long. */
const fewPixels = 200

/** What can be said of the painted labels at once, from their counts. What needs the images is checked when they are read. */
export function checkPaintedLabels(project: Project): PreFlight {
  const maps = project.labels.labelledMaps().map((map) => ({ ...map, counts: project.labels.counts(map.id) }))
  const used = maps.filter(({ page }) => page === 0)
  const classes = project.information.classes().map(({ value, name }) => {
    const having = used.flatMap(({ counts }) => counts.find((count) => count.value === value) ?? [])
    return {
      value,
      name,
      pixels: having.reduce((sum, { pixels }) => sum + pixels, 0),
      images: having.length,
    }
  })
  return {
    labelledImages: used.length,
    classes,
    findings: [...findingsOf(classes, used.length), ...elsewhere(maps.length - used.length)],
  }
}

function findingsOf(classes: PreFlight['classes'], images: number): Finding[] {
  const painted = classes.filter(({ pixels }) => pixels > 0)
  if (images === 0) {
    return [
      stop('nothing-labelled', 'Nothing is labelled yet.', 'Paint a little of each class on a few images.'),
    ]
  }
  const [only, second] = painted
  if (only !== undefined && second === undefined) {
    const other = only.value === 0 ? 'what you look for' : 'background'
    return [
      stop(
        'one-class',
        `Everything that is painted is ${only.name}: there is nothing to tell it from.`,
        `Paint some ${other} too.`,
      ),
    ]
  }
  return [
    ...classes
      .filter(({ pixels }) => pixels === 0)
      .map(({ name }) =>
        warning(
          'class-without-pixels',
          `${name} is painted nowhere: the network cannot learn it.`,
          'Paint some of it, or delete the class.',
        ),
      ),
    ...painted
      .filter(({ pixels }) => pixels < fewPixels)
      .map(({ name, pixels }) =>
        warning('class-few-pixels', `${name} has ${pixels} pixels only.`, 'Paint some more of it.'),
      ),
    ...(images === 1
      ? [
          warning(
            'one-image',
            'All labels are on one image: how good the network is on others cannot be told.',
            'Paint on two or more images, so that one can be held out.',
          ),
        ]
      : []),
  ]
}

function elsewhere(maps: number): Finding[] {
  if (maps === 0) return []
  return [
    warning(
      'labels-on-further-pages',
      `${maps} labelled pages of stacks are not the first page: training does not use these yet.`,
      'Paint on the first page, or save the pages as files of their own.',
    ),
  ]
}

function stop(code: string, message: string, remedy: string): Finding {
  return { severity: 'stop', code, message, remedy }
}

function warning(code: string, message: string, remedy: string): Finding {
  return { severity: 'warning', code, message, remedy }
}
