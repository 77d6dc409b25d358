import { slim } from '../network/slim.ts'
import type { Decided } from './decided.ts'

/** Which weights the network has before its first step: none of use, those of the network that comes with Segscope, or a file's. */
export type Start = 'scratch' | 'starting network' | 'file'

/** The start in words: it is not decided here. */
export function decideStart(value: Start, decoder: string): Decided<Start> {
  if (value === 'file') return { value, decision: 'from the weights of a file', reason: 'As asked for.' }
  if (value === 'scratch') return { value, decision: 'from scratch', reason: 'As asked for.' }
  return {
    value,
    decision: "from Segscope's own network",
    reason: `It has learnt from drawn images how nuclei and cells look under many microscopes, so that fewer labels and steps are enough. ${
      decoder === slim.name
        ? 'Its last layer begins anew, for these classes.'
        : 'Its encoder is taken; a decoder with all channels begins anew.'
    }`,
  }
}
