import { open } from 'node:fs/promises'
import { SegscopeError } from '../errors.ts'
import type { Network } from '../network/network.ts'
import { listParameters } from '../network/parameters.ts'
import type { RandomGenerator } from '../random.ts'
import { readCheckpoint, readCheckpointHeader } from './checkpoint.ts'
import { readKerasEncoder } from './keras-hdf5.ts'
import { headScope } from './network-ends.ts'
import type { Tensor } from './tensor.ts'
import { transferWeights, type TransferredWeights } from './transfer.ts'

/** The first four bytes of every HDF5 file. */
const HDF5_SIGNATURE = '\x89HDF'

/**
 * The weights to start a training from, out of a file that a user chose: MobileNetV2's from Keras's HDF5, or a checkpoint
 * of Segscope. The file's content decides which, not its name.
 * @throws SegscopeError as `readKerasEncoder`, `readCheckpoint` and `transferWeights`
 */
export async function readStartingWeights(
  path: string,
  network: Network,
  random: RandomGenerator,
): Promise<TransferredWeights> {
  const source = (await isHdf5(path))
    ? await readKerasEncoder(path, network)
    : (await readCheckpoint(path)).weights
  return transferWeights(network, source, random)
}

/**
 * What a checkpoint has for a network of the same encoder: the encoder, and the decoder where that is the same too. The head begins
 * anew, because its classes mean something else.
 * @throws SegscopeError as `readCheckpoint` and `transferWeights`
 */
export async function readWhatFits(
  path: string,
  network: Network,
  random: RandomGenerator,
): Promise<TransferredWeights> {
  const { network: own, weights } = await readCheckpoint(path)
  const hasDecoder = own.description.decoder === network.description.decoder
  const head = `${headScope(own)}.`
  const fitting = listParameters(own).filter(
    ({ name, part }) => part === 'encoder' || (hasDecoder && !name.startsWith(head)),
  )
  const source = new Map(fitting.map(({ name }) => [name, weights.get(name) as Tensor]))
  return transferWeights(network, source, random)
}

/**
 * The name of the decoder that a file to start from has weights for; undefined for Keras's, which has none.
 * @throws SegscopeError as `readCheckpointHeader`
 */
export async function decoderOfWeights(path: string): Promise<string | undefined> {
  return (await isHdf5(path)) ? undefined : (await readCheckpointHeader(path)).plan.network.decoder
}

async function isHdf5(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
      return buffer.toString('latin1', 0, bytesRead) === HDF5_SIGNATURE
    } finally {
      await file.close()
    }
  } catch (thrown) {
    throw new SegscopeError('file-not-found', `${path} cannot be read: ${(thrown as Error).message}.`, {
      file: path,
      cause: thrown,
    })
  }
}
