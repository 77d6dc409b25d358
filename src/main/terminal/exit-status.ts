/** What the process says to a script when it ends; documented in the README. */
export const exitStatus = {
  done: 0,
  /** The command could not do its work; nothing is half written. */
  failed: 1,
  /** The command line itself was wrong. */
  usage: 2,
  /** The work is done, but some files failed; each was named. */
  someFilesFailed: 3,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
  /** 128 + SIGTERM */
  terminated: 143,
} as const
