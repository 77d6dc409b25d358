import { pix2pix } from '../network/pix2pix.ts'
import { slim } from '../network/slim.ts'
import type { Decided } from './decided.ts'
import { stepsInTime, type TimeRequest } from './decide-schedule.ts'
import { readable } from './words.ts'

/** A network that has done fewer steps is far from done, and gains more by further steps than by more channels. */
const fewestForAllChannels = 1500
/** A step with all of the decoder's channels takes this many times as long: measured with 8 patches of 128 x 128. */
const timesAsLong = 2.2

/**
 * Which decoder the time is enough for. Where the number of steps is given it is Pix2Pix's: steps of a known number are better
 * with all channels.
 * @param measuredWith the decoder that `stepMilliseconds` was measured with, where it was
 */
export function decideDecoder(request: TimeRequest, measuredWith: string = pix2pix.name): Decided<string> {
  if (request.steps !== undefined) {
    return { value: pix2pix.name, decision: 'all of its channels', reason: 'The number of steps is given.' }
  }
  const { stepMilliseconds } = request
  const withAll =
    stepMilliseconds !== undefined && measuredWith === slim.name
      ? stepMilliseconds * timesAsLong
      : stepMilliseconds
  const steps = stepsInTime({ ...request, stepMilliseconds: withAll })
  return steps < fewestForAllChannels
    ? {
        value: slim.name,
        decision: 'a quarter of its channels',
        reason: `With all of them the time is enough for some ${readable(steps)} steps; with fewer channels a step takes less than half as long, and a short training gains more by further steps. Predicting is quicker too.`,
      }
    : {
        value: pix2pix.name,
        decision: 'all of its channels',
        reason: `The time is enough for some ${readable(steps)} steps.`,
      }
}
