import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { platform } from 'node:os'

export type ProcessState =
  | { alive: false }
  /** `started` names the moment the process began: another process with the same number has another. */
  | { alive: true; started: string | undefined }

/**
 * Whether a process of this machine lives, and since when. The moment is known on Linux (boot and clock ticks since
 * then, /proc) and macOS (ps); on Windows it is undefined, and a number used again cannot be told.
 */
export function processState(pid: number): ProcessState {
  if (platform() === 'linux') return linuxProcessState(pid)
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    // EPERM: it lives and belongs to somebody else.
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') return { alive: false }
  }
  if (platform() !== 'darwin') return { alive: true, started: undefined }
  return {
    alive: true,
    started: execFileSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim(),
  }
}

/** Fields of /proc/PID/stat as in proc_pid_stat(5); the second, in brackets, may itself hold brackets and blanks. */
function linuxProcessState(pid: number): ProcessState {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code
    // ESRCH: it ended while its file was read.
    if (code === 'ENOENT' || code === 'ESRCH') return { alive: false }
    throw thrown
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, ticks] = [fields[0], fields[19]]
  // Killed, and kept only until its parent asks for its exit status.
  if (state === 'Z' || state === 'X') return { alive: false }
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return { alive: true, started: `${boot} ${ticks}` }
}
