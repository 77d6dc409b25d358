import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The index that pip would use on this machine, so that a lab that has told pip of its mirror need not say it again:
 * PIP_INDEX_URL, else `index-url` of pip's configuration files (pip's documentation, "Configuration"), the user's before the
 * machine's. Undefined: pip would use the public one.
 */
export async function indexOfPip(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const address = environment['PIP_INDEX_URL']
  if (address !== undefined && address !== '') return address
  for (const file of configurationFiles(environment)) {
    const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
      const { code } = thrown as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return ''
      throw thrown
    })
    const index = readIndex(text)
    if (index !== undefined) return index
  }
  return undefined
}

function configurationFiles(environment: NodeJS.ProcessEnv): string[] {
  const { PIP_CONFIG_FILE, XDG_CONFIG_HOME, VIRTUAL_ENV } = environment
  const home = environment['HOME'] ?? homedir()
  return [
    ...(PIP_CONFIG_FILE === undefined ? [] : [PIP_CONFIG_FILE]),
    ...(VIRTUAL_ENV === undefined ? [] : [join(VIRTUAL_ENV, 'pip.conf')]),
    join(XDG_CONFIG_HOME ?? join(home, '.config'), 'pip', 'pip.conf'),
    join(home, '.pip', 'pip.conf'),
    '/etc/xdg/pip/pip.conf',
    '/etc/pip.conf',
  ]
}

/** `index-url` of `[install]`, else of `[global]`. */
function readIndex(text: string): string | undefined {
  const found = new Map<string, string>()
  let section = ''
  for (const line of text.split('\n')) {
    const heading = /^\s*\[(.+)\]\s*$/.exec(line)
    if (heading !== null) section = (heading[1] as string).trim()
    const value = /^\s*index[-_]url\s*[=:]\s*(\S+)\s*$/.exec(line)?.[1]
    if (value !== undefined) found.set(section, value)
  }
  return found.get('install') ?? found.get('global')
}
