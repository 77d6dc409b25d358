import { SegscopeError } from '../../../model/errors.ts'
import type { Axis, AxisName } from '../../../model/images/image-source.ts'

const letters = ['c', 'z', 't', 'y', 'x'] as const satisfies AxisName[]

/**
 * Gives the axes of a file the names that a person chose, or those guessed.
 * @param shape a size an axis, outermost first
 * @param chosen a letter an axis; undefined: as guessed
 * @throws SegscopeError `axes-do-not-fit`
 */
export function chooseAxes(
  file: string,
  shape: readonly number[],
  guessed: readonly AxisName[],
  chosen: string | undefined,
): Axis[] {
  const names = chosen === undefined ? guessed : (Array.from(chosen) as AxisName[])
  const isSound =
    names.length === shape.length &&
    new Set(names).size === names.length &&
    names.every((name) => letters.includes(name)) &&
    names.includes('y') &&
    names.includes('x')
  if (!isSound) throw axesDoNotFit(file, chosen ?? guessed.join(''), shape)
  return names.map((name, index) => ({ name, size: shape[index] as number }))
}

/** The size of an axis; 1 where there is none of that name. */
export function sizeOf(axes: readonly Axis[], name: AxisName): number {
  return axes.find((axis) => axis.name === name)?.size ?? 1
}

export function axesDoNotFit(file: string, axes: string, shape: readonly number[]): SegscopeError {
  return new SegscopeError(
    'axes-do-not-fit',
    `The axes "${axes}" do not fit ${file}, which has ${shape.join(' x ')} values.`,
    {
      file,
      remedy: 'Name each axis once, outermost first, with the letters t, z, c, y and x; y and x are needed.',
    },
  )
}
