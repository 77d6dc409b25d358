import type { InstallEvent } from './install-tensorflow.ts'

/** What an installation does, for people. */
export const installPhases: Readonly<Record<Extract<InstallEvent, { kind: 'progress' }>['phase'], string>> = {
  downloading: 'downloading',
  unpacking: 'unpacking',
  building: 'building the addon',
  trying: 'trying it',
}
