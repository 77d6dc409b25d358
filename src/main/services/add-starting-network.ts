import { importCheckpoint } from './checkpoint-files.ts'
import type { Project } from './project.ts'
import { STARTING_NETWORK_ID, startingNetworkFile } from './starting-network.ts'

/**
 * Takes the network that comes with Segscope among the project's checkpoints, where it is not yet: it finds nuclei and cells before
 * anything is labelled.
 * @returns its id
 * @throws SegscopeError as `importCheckpoint`
 */
export async function addStartingNetwork(project: Project): Promise<string> {
  const found = project.checkpoints.find(STARTING_NETWORK_ID)
  if (found?.isDeleted === false) return found.id
  const id = await importCheckpoint(project, startingNetworkFile)
  project.checkpoints.annotate(id, { name: 'Segscope’s own network', starred: false, note: undefined })
  return id
}
