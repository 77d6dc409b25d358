import { pix2pix } from '../network/pix2pix.ts'
import { slim } from '../network/slim.ts'
import type { Decided } from './decided.ts'
import { stepsInTime, type TimeRequest } from './decide-schedule.ts'
import type { Start } from './decide-start.ts'
import { readable } from './words.ts'

/**
 * A network that has done fewer steps is far from done, and gains more by further steps than by more channels. Of Segscope's own
 * network the slim decoder keeps what it has learnt: on dsb2018_fixed, 3,500 of its steps gave Dice 0.924 on images not seen, the 1,600
 * steps with all channels that take as long 0.917.
 */
const fewestForAllChannels: Record<Start, number> = { scratch: 1500, file: 1500, 'starting network': 3000 }
/** A step with all of the decoder's channels takes this many times as long: measured with 8 patches of 128 x 128. */
const timesAsLong = 2.2

/**
 * Which decoder the time is enough for. Steps of a known number are better with all channels, but for those that start from Segscope's
 * own network.
 * @param measuredWith the decoder that `stepMilliseconds` was measured with, where it was
 */
export function decideDecoder(
  request: TimeRequest & { start: Start },
  measuredWith: string = pix2pix.name,
): Decided<string> {
  const { stepMilliseconds, start } = request
  const isOwn = start === 'starting network'
  if (request.steps !== undefined && !isOwn) {
    return { value: pix2pix.name, decision: 'all of its channels', reason: 'The number of steps is given.' }
  }
  const withAll =
    stepMilliseconds !== undefined && measuredWith === slim.name
      ? stepMilliseconds * timesAsLong
      : stepMilliseconds
  const steps = request.steps ?? stepsInTime({ ...request, stepMilliseconds: withAll })
  if (steps >= fewestForAllChannels[start]) {
    const reason =
      request.steps === undefined
        ? `The time is enough for some ${readable(steps)} steps.`
        : 'The number of steps is given, and large.'
    return { value: pix2pix.name, decision: 'all of its channels', reason }
  }
  const few =
    request.steps === undefined
      ? `With all of them the time is enough for some ${readable(steps)} steps; with fewer channels a step takes less than half as long`
      : 'A step takes less than half as long'
  const gain = isOwn
    ? "all of what Segscope's own network has learnt is kept"
    : 'a short training gains more by further steps'
  return {
    value: slim.name,
    decision: 'a quarter of its channels',
    reason: `${few}, and ${gain}. Predicting is quicker too.`,
  }
}
