import { SegscopeError } from '../../model/errors.ts'

const full = ['ENOSPC', 'EDQUOT']
const forbidden = ['EACCES', 'EPERM', 'EROFS']

/**
 * What stopped a file from being written, for a person: `disk-full`, `output-not-writable` or `write-failed`.
 * A SegscopeError is returned as it is.
 * @param file the output, not its temporary
 */
export function outputError(file: string, cause: unknown): SegscopeError {
  if (cause instanceof SegscopeError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (full.includes(code)) {
    return new SegscopeError('disk-full', `${file} could not be written: the disk is full.`, {
      file,
      remedy: 'Free some space and run again; what is done is kept.',
      cause,
    })
  }
  if (forbidden.includes(code)) {
    return new SegscopeError(
      'output-not-writable',
      `${file} could not be written: it is not allowed there (${code}).`,
      {
        file,
        remedy: 'Choose another output folder, or allow writing to this one.',
        cause,
      },
    )
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new SegscopeError('write-failed', `${file} could not be written: ${reason}.`, { file, cause })
}
