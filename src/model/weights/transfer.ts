import { SegscopeError } from '../errors.ts'
import type { Network } from '../network/network.ts'
import type { RandomGenerator } from '../random.ts'
import { sameShape } from './check-tensors.ts'
import { initialiseWeights } from './initialise.ts'
import { adaptInputChannels } from './input-channels.ts'
import { headScope, stemKernelName } from './network-ends.ts'
import type { NamedTensors } from './tensor.ts'

export interface TransferredWeights {
  /** Complete, for the network. Tensors that were taken are the source's own, not copies. */
  weights: NamedTensors
  /** Parameters that come from the source, the stem's kernel also where it was fitted to other input channels. */
  taken: string[]
  /** Parameters that begin anew: those the source lacks, and the head where the classes are others. */
  fresh: string[]
}

/**
 * Starts a network from other weights: Keras's encoder, or any checkpoint of the same encoder and decoder, also one with
 * another number of classes or of input channels.
 * @param random draws what begins anew
 * @throws SegscopeError `weights-do-not-fit`, naming the parameter, where anything else differs
 */
export function transferWeights(
  network: Network,
  source: NamedTensors,
  random: RandomGenerator,
): TransferredWeights {
  const initial = initialiseWeights(network, random)
  const unknown = [...source.keys()].find((name) => !initial.has(name))
  if (unknown !== undefined) throw doesNotFit(`they hold ${unknown}, which this network does not have`)
  const stem = stemKernelName(network)
  const head = `${headScope(network)}.`
  const weights: NamedTensors = new Map()
  const taken: string[] = []
  const fresh: string[] = []
  for (const [name, own] of initial) {
    let offered = source.get(name)
    if (offered !== undefined && name === stem && offered.shape.length === 4) {
      offered = adaptInputChannels(offered, network.inputChannels)
    }
    if (offered === undefined || (name.startsWith(head) && !sameShape(offered.shape, own.shape))) {
      weights.set(name, own)
      fresh.push(name)
      continue
    }
    if (!sameShape(offered.shape, own.shape)) {
      throw doesNotFit(`${name} is [${offered.shape.join(', ')}], expected is [${own.shape.join(', ')}]`)
    }
    weights.set(name, offered)
    taken.push(name)
  }
  return { weights, taken, fresh }
}

function doesNotFit(reason: string): SegscopeError {
  return new SegscopeError(
    'weights-do-not-fit',
    `The weights do not fit the network to be trained: ${reason}.`,
    {
      remedy:
        'Choose a checkpoint of the same encoder, alpha and decoder; classes and input channels may differ.',
    },
  )
}
