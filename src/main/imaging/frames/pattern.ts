import { SegscopeError } from '../../../model/errors.ts'
import type { AxisName } from '../../../model/images/image-source.ts'

type FrameAxis = Extract<AxisName, 't' | 'z' | 'c'>

/** What the placeholders of a pattern are called. */
const axisNames: Partial<Record<string, FrameAxis>> = {
  t: 't',
  time: 't',
  frame: 't',
  z: 'z',
  slice: 'z',
  c: 'c',
  channel: 'c',
}

/** Placeholders beside those of axes: wells, fields, names. More would make matching slow. */
const MOST_GROUPS = 4

/** The place of one file in a stack, as its name says. */
export interface FramePlace {
  /** Numbers of time and z; numbers or names of channels. */
  axes: Partial<Record<FrameAxis, string>>
  /** The pattern with everything but the axes filled in: files that share it make one image. */
  stack: string
}

/** A pattern of file names such as `{well}_{field}_t{time}_c{channel}.tif`. */
export interface FramePattern {
  match: (name: string) => FramePlace | undefined
}

/**
 * Placeholders are words in braces: time, z and channel (t, slice, c, ...) are axes, any other tells images apart. Time and z stand for
 * digits, the others for letters and digits.
 * @throws SegscopeError `pattern-unusable`
 */
export function parseFramePattern(pattern: string): FramePattern {
  const parts = pattern.split(/\{(\w+)\}/)
  const names = parts.filter((_, index) => index % 2 === 1).map((name) => name.toLowerCase())
  const axes = names.map((name) => axisNames[name])
  const used = axes.filter((axis) => axis !== undefined)
  if (used.length === 0) throw unusable(pattern, 'it has no {time}, {z} or {channel}')
  if (new Set(used).size < used.length) throw unusable(pattern, 'it names an axis twice')
  if (names.length - used.length > MOST_GROUPS)
    throw unusable(pattern, `it has more than ${MOST_GROUPS} other placeholders`)
  const source = parts
    .map((part, index) => {
      if (index % 2 === 0) return part.replaceAll(/[^\w]/g, String.raw`\$&`)
      const axis = axes[(index - 1) / 2]
      return axis === 't' || axis === 'z' ? String.raw`(\d+)` : '([A-Za-z0-9]+)'
    })
    .join('')
  const expression = new RegExp(`^${source}$`)
  return {
    match(name) {
      const values = expression.exec(name)?.slice(1)
      if (values === undefined) return undefined
      const place: FramePlace = { axes: {}, stack: '' }
      parts.forEach((part, index) => {
        const at = (index - 1) / 2
        const axis = index % 2 === 0 ? undefined : axes[at]
        if (axis === undefined) place.stack += index % 2 === 0 ? part : (values[at] as string)
        else {
          place.stack += `{${part}}`
          place.axes[axis] = values[at] as string
        }
      })
      return place
    },
  }
}

function unusable(pattern: string, reason: string): SegscopeError {
  return new SegscopeError('pattern-unusable', `The pattern ${pattern} cannot be used: ${reason}.`, {
    remedy: 'Write file names with placeholders, such as {well}_{field}_t{time}_c{channel}.tif.',
  })
}
