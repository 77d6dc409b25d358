import { statSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** Runs `work` with the rights of somebody who is not the administrator, for whom alone rights to files count. */
export function asOrdinaryUser<Result>(work: () => Result): Result {
  const administrator = process.geteuid?.() === 0
  if (administrator) process.seteuid?.(65534)
  try {
    return work()
  } finally {
    if (administrator) process.seteuid?.(0)
  }
}

/** Whether somebody who is not the administrator gets into the folder of temporary files; an administrator's own is closed. */
export function ordinaryUserReachesTemporaryFolder(): boolean {
  // Asked first: Node reads no environment while a process runs with another user's rights.
  const folder = tmpdir()
  return asOrdinaryUser(() => {
    try {
      statSync(`${folder}/.`)
      return true
    } catch {
      // The answer, not a failure. (access() would ask for the real user, who is still the administrator.)
      return false
    }
  })
}
