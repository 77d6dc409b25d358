import { SegscopeError } from '../errors.ts'
import type { Network } from '../network/network.ts'
import { listParameters } from '../network/parameters.ts'
import type { NamedTensors } from './tensor.ts'

/**
 * Checks names and shapes against a network, before anything is read.
 * @param shapes by parameter name
 * @param file named in the error
 * @param complete whether every parameter must be there, or some may be
 * @throws SegscopeError `weights-do-not-fit`, naming the parameter and what was expected
 */
export function checkShapes(
  shapes: ReadonlyMap<string, readonly number[]>,
  network: Network,
  file: string,
  complete: boolean,
): void {
  const expected = new Map(listParameters(network).map((parameter) => [parameter.name, parameter.shape]))
  for (const [name, shape] of shapes) {
    const expectedShape = expected.get(name)
    if (expectedShape === undefined)
      throw doesNotFit(file, `it holds ${name}, which the network does not have`)
    if (!sameShape(shape, expectedShape)) {
      throw doesNotFit(file, `${name} is [${shape.join(', ')}], expected is [${expectedShape.join(', ')}]`)
    }
  }
  if (!complete) return
  for (const [name, shape] of expected) {
    if (!shapes.has(name)) throw doesNotFit(file, `${name} [${shape.join(', ')}] is missing`)
  }
}

/** @throws SegscopeError `weights-not-finite`, naming the first tensor with a NaN or an infinity */
export function checkFinite(tensors: NamedTensors, file: string): void {
  for (const [name, { data }] of tensors) {
    const position = data.findIndex((value) => !Number.isFinite(value))
    if (position >= 0) {
      throw new SegscopeError(
        'weights-not-finite',
        `${name} holds ${data[position]} (${file}); with it nothing can be segmented.`,
        { file, remedy: 'Use an earlier checkpoint.' },
      )
    }
  }
}

/** Whether two shapes are the same. */
export function sameShape(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((extent, axis) => extent === right[axis])
}

function doesNotFit(file: string, reason: string): SegscopeError {
  return new SegscopeError('weights-do-not-fit', `${file} does not fit its network: ${reason}.`, {
    file,
    remedy: 'The file was changed, or belongs to another network; choose another one.',
  })
}
