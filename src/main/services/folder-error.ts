import { SegscopeError } from '../../model/errors.ts'

/** Turns what the operating system says against making or using a folder into words; other errors stay as they are. */
export function explainFolderError(thrown: unknown, folder: string): unknown {
  const code = (thrown as NodeJS.ErrnoException).code
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return new SegscopeError('not-a-folder', 'There is a file where a folder is needed.', {
        file: folder,
        remedy: 'Choose another folder, or move the file away.',
        cause: thrown,
      })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new SegscopeError('folder-not-writable', `This folder cannot be written to (${code}).`, {
        file: folder,
        remedy: 'Ask for write access to it, or choose another folder.',
        cause: thrown,
      })
    case 'ENOSPC':
      return new SegscopeError('disk-full', 'There is no space left on the disk.', {
        file: folder,
        remedy: 'Free some space on it, or choose a folder on another disk.',
        cause: thrown,
      })
    default:
      return thrown
  }
}

/** The same for looking into a folder, or at what is in it. */
export function explainReadError(thrown: unknown, folder: string): unknown {
  const code = (thrown as NodeJS.ErrnoException).code
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'it is not there',
    ENOTDIR: 'it is a file',
    EACCES: 'access to it is denied',
    EPERM: 'access to it is denied',
    EIO: 'its disk or network drive does not answer',
    ENAMETOOLONG: 'its name is too long',
  }
  const reason = code === undefined ? undefined : reasons[code]
  if (reason === undefined) return thrown
  return new SegscopeError('folder-unreadable', `This folder cannot be read: ${reason}.`, {
    file: folder,
    remedy: 'Check that it is there and that you may open it, or choose another.',
    cause: thrown,
  })
}
