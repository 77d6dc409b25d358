import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where downloaded weights are kept, by the customs of each system. */
export function weightsCacheFolder(): string {
  return join(cacheFolder(), 'weights')
}

/** What can be made or downloaded again: thumbnails, reduced images, weights. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  const caches: Partial<Record<NodeJS.Platform, string>> = {
    win32: LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'),
    darwin: join(homedir(), 'Library', 'Caches'),
  }
  return join(XDG_CACHE_HOME ?? caches[process.platform] ?? join(homedir(), '.cache'), 'segscope')
}

/** What a person set. */
export function settingsFolder(): string {
  const { XDG_CONFIG_HOME, APPDATA } = process.env
  const settings: Partial<Record<NodeJS.Platform, string>> = {
    win32: APPDATA ?? join(homedir(), 'AppData', 'Roaming'),
    darwin: join(homedir(), 'Library', 'Application Support'),
  }
  return join(XDG_CONFIG_HOME ?? settings[process.platform] ?? join(homedir(), '.config'), 'segscope')
}

/** Where new projects go until the person says otherwise. */
export function projectsFolder(): string {
  return join(homedir(), 'Segscope')
}
