import { join } from 'node:path'

/** Where the state of an experiment is kept, from which it can go on. */
export function stateFileOf(folder: string, experiment: string): string {
  return join(folder, `${experiment}-last.state.safetensors`)
}
