import type { Finding, PreFlight } from '../../preload/contract/training.ts'
import type { Project } from './project.ts'

/** Fewer pixels of a class than a stroke of the brush, 5 wide and 40 long. */
const fewPixels = 200

/** What can be said of the painted labels at once, from their counts. What needs the images is checked when they are read. */
export function checkPaintedLabels(project: Project): PreFlight {
  const maps = project.labels.labelledMaps().map((map) => ({ ...map, counts: project.labels.counts(map.id) }))
  const imagesOf = (planes: typeof maps): number => new Set(planes.map(({ image }) => image)).size
  const classes = project.information.classes().map(({ value, name }) => {
    const pixelsOn = ({ counts }: (typeof maps)[number]): number =>
      counts.find((count) => count.value === value)?.pixels ?? 0
    return {
      value,
      name,
      pixels: maps.reduce((sum, map) => sum + pixelsOn(map), 0),
      images: imagesOf(maps.filter((map) => pixelsOn(map) > 0)),
    }
  })
  return {
    labelledImages: imagesOf(maps),
    classes,
    findings: findingsOf(classes, imagesOf(maps)),
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

function stop(code: string, message: string, remedy: string): Finding {
  return { severity: 'stop', code, message, remedy }
}

function warning(code: string, message: string, remedy: string): Finding {
  return { severity: 'warning', code, message, remedy }
}
