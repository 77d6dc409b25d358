import { basename, dirname } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import type { FolderEntry } from '../../preload/contract/folders.ts'
import type { Application } from '../application.ts'
import { describeFolder, listFolder, makeFolder } from '../services/folder-listing.ts'
import type { ServedFolders } from '../services/served-folders.ts'
import { procedures } from './implementer.ts'

export const folders = procedures.folders.router({
  choose: procedures.folders.choose.handler(async ({ context, input }) => {
    const { files } = context.application
    if (files.kind === 'dialogs') return await files.choose(input)
    throw new SegscopeError(
      'no-dialogs',
      "A browser's page has no dialog of the computer that Segscope runs on.",
      {
        remedy: 'Choose from the folders that the page lists.',
      },
    )
  }),
  roots: procedures.folders.roots.handler(({ context }): FolderEntry[] => {
    const { files } = context.application
    return files.kind === 'dialogs' ? [] : files.folders.paths.map(describeRoot)
  }),
  list: procedures.folders.list.handler(async ({ context, input: { folder } }) => {
    const served = requireServed(context.application)
    const entries = await listFolder(folder, (link) => served.serves(link))
    return { folder, parent: served.isRoot(folder) ? null : dirname(folder), entries }
  }),
  make: procedures.folders.make.handler(async ({ context, input: { folder, name } }) => {
    requireServed(context.application)
    return await makeFolder(folder, name)
  }),
})

/** With its whole path for a name: "home" would not say whose. On Windows, roots are often drives: `D:\`. */
function describeRoot(path: string): FolderEntry {
  return { ...describeFolder(dirname(path), basename(path)), path, name: path }
}

function requireServed({ files }: Application): ServedFolders {
  if (files.kind === 'served folders') return files.folders
  throw new SegscopeError('has-dialogs', 'At the desktop, folders are chosen by the dialog of the system.')
}
