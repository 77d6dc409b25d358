import { resolve } from 'node:path'

/** Stands where else the path of a file to start from stands: a project may be opened by a Segscope that lies elsewhere. */
export const STARTING_NETWORK = 'starting network'
/** What it is called where a checkpoint is named. */
export const STARTING_NETWORK_ID = 'starting-network'

/**
 * The network that comes with Segscope: MobileNetV2 and the slim decoder for three channels, trained on drawn images of cells and nuclei
 * (`npm run pretrain`) to tell background, objects and their outlines.
 */
export const startingNetworkFile = resolve(
  import.meta.dirname,
  '../../../resources/networks/starting-network.safetensors',
)
