import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where downloaded weights are kept, by the customs of each system. */
export function weightsCacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  const caches: Partial<Record<NodeJS.Platform, string>> = {
    win32: LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'),
    darwin: join(homedir(), 'Library', 'Caches'),
  }
  return join(caches[process.platform] ?? XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'segscope', 'weights')
}
