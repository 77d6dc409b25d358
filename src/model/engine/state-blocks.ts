import type { Parameter } from '../network/parameters.ts'
import { elementCount } from '../weights/tensor.ts'

/**
 * Parameters smaller than this share a block. A training step has some twelve operators for each block of the optimiser's,
 * and handing a tensor to the session costs as much as computing on thousands of values: one block in place of
 * 130 saves a tenth of a step.
 */
const sharedBelow = 2 ** 14

/** A flat tensor of the training state: one parameter, or many small ones, one behind the other. */
export interface StateBlock {
  name: string
  size: number
  members: readonly { parameter: Parameter; offset: number }[]
}

/** Divides parameters among blocks. */
export function divideIntoBlocks(parameters: readonly Parameter[]): StateBlock[] {
  const isSmall = (parameter: Parameter): boolean => elementCount(parameter.shape) < sharedBelow
  const small = parameters.filter(isSmall)
  const large = parameters.filter((parameter) => !isSmall(parameter))
  return [
    ...(small.length === 0 ? [] : [blockOf('small_parameters', small)]),
    ...large.map((parameter) => blockOf(parameter.name, [parameter])),
  ]
}

/** A block of these parameters, in this order. */
export function blockOf(name: string, parameters: readonly Parameter[]): StateBlock {
  let size = 0
  const members = parameters.map((parameter) => {
    const offset = size
    size += elementCount(parameter.shape)
    return { parameter, offset }
  })
  return { name, size, members }
}

/** The values of one member within its block's data. */
export function memberData(
  data: Float32Array,
  { parameter, offset }: StateBlock['members'][number],
): Float32Array {
  return data.subarray(offset, offset + elementCount(parameter.shape))
}
