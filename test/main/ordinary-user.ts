/** Runs `work` with the rights of somebody who is not the administrator, for whom alone rights to files count. */
export function asOrdinaryUser(work: () => void): void {
  const administrator = process.geteuid?.() === 0
  if (administrator) process.seteuid?.(65534)
  try {
    work()
  } finally {
    if (administrator) process.seteuid?.(0)
  }
}
