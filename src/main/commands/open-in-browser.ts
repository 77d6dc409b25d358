import { spawn } from 'node:child_process'

/** Shows an address in the person's browser, where this computer has a screen in front of them, and does nothing elsewhere. */
export function openInBrowser(address: string): void {
  const { DISPLAY, WAYLAND_DISPLAY, SSH_CONNECTION } = process.env
  if (SSH_CONNECTION !== undefined) return
  const openers: Partial<Record<NodeJS.Platform, [program: string, ...arguments_: string[]]>> = {
    // `start` would take the address for a command line.
    win32: ['rundll32', 'url.dll,FileProtocolHandler'],
    darwin: ['open'],
    ...((DISPLAY ?? WAYLAND_DISPLAY) !== undefined && { linux: ['xdg-open'] }),
  }
  const opener = openers[process.platform]
  if (opener === undefined) return
  const [program, ...arguments_] = opener
  const child = spawn(program, [...arguments_, address], { stdio: 'ignore', detached: true })
  // No such program: the person has the address, as it was printed.
  child.once('error', () => undefined)
  child.unref()
}
