import Database from 'better-sqlite3'
import { SegscopeError } from '../../model/errors.ts'

interface Explanation {
  code: string
  message: string
  remedy: string
}

/** By the beginning of SQLite's result code (https://www.sqlite.org/rescode.html); the first that fits is taken. */
const explanations: readonly (readonly [string, Explanation])[] = [
  [
    'SQLITE_NOTADB',
    {
      code: 'not-a-database',
      message: 'This file is not an SQLite database.',
      remedy: 'Choose another folder, or move the file away if it does not belong to Segscope.',
    },
  ],
  [
    'SQLITE_CORRUPT',
    {
      code: 'database-damaged',
      message: "The project's database is damaged.",
      remedy:
        'Restore segscope.db from a backup. Without one, start a new project: the images, and the trained networks in ' +
        'the folder "checkpoints", are files of their own and can be used in it.',
    },
  ],
  [
    'SQLITE_READONLY',
    {
      code: 'database-read-only',
      message: "The project's database can only be read here.",
      remedy:
        'Give yourself write access to the project folder, or copy it to a disk that can be written to.',
    },
  ],
  [
    'SQLITE_FULL',
    {
      code: 'disk-full',
      message: "There is no space left for the project's database; the last change was not saved.",
      remedy: 'Free some space on the disk that holds the project, then try again.',
    },
  ],
  [
    'SQLITE_BUSY',
    {
      code: 'database-busy',
      message: "Another program keeps the project's database locked.",
      remedy: 'Close programs that have the project open (also database viewers and synchronisation tools).',
    },
  ],
  [
    'SQLITE_IOERR',
    {
      code: 'database-unreadable',
      message: "The disk failed while the project's database was read or written.",
      remedy: 'Check the disk or the network connection, then try again.',
    },
  ],
  [
    'SQLITE_CANTOPEN',
    {
      code: 'database-unreadable',
      message: "The project's database cannot be opened.",
      remedy: 'Check that the file and its folder exist and that you may read them.',
    },
  ],
]

/**
 * Turns SQLite's refusals that a person can do something about into a SegscopeError with SQLite's words in it.
 * Anything else (a broken constraint, an error of ours) is returned as it is: it is a defect.
 */
export function explainDatabaseError(thrown: unknown, file: string): unknown {
  if (!(thrown instanceof Database.SqliteError)) return thrown
  const found = explanations.find(([code]) => thrown.code.startsWith(code))
  if (found === undefined) return thrown
  const { code, message, remedy } = found[1]
  return new SegscopeError(code, `${message} (SQLite: ${thrown.message}, ${thrown.code}.)`, {
    file,
    remedy,
    cause: thrown,
  })
}
