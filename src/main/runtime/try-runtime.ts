import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import { siblingModule } from '../compute/sibling-module.ts'

export type TrialReply = { device: string } | { problem: string }

/**
 * Loads a runtime in a process of its own, and has it predict and train something whose results are known.
 * @param folder with its description
 * @returns the device that it computes on
 * @throws SegscopeError `runtime-unusable`; CancelledError
 */
export async function tryRuntime(folder: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted()
  const child = fork(fileURLToPath(siblingModule(import.meta.url, 'trial-process')), [folder], {
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const kill = (): void => void child.kill('SIGKILL')
  signal.addEventListener('abort', kill)
  let complaints = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4000)
  })
  let reply: TrialReply | undefined
  child.on('message', (message) => {
    reply = message as TrialReply
  })
  const end = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (status, endedBy) => {
      const last = complaints.trim().split('\n').at(-1) ?? ''
      const how = endedBy === null ? `it ended with status ${status ?? '?'}` : `it was ended by ${endedBy}`
      resolve(last === '' ? how : `${how}: ${last}`)
    })
  })
  signal.removeEventListener('abort', kill)
  if (signal.aborted) throw new CancelledError()
  if (reply !== undefined && 'device' in reply) return reply.device
  throw new SegscopeError(
    'runtime-unusable',
    `TensorFlow does not work on this machine: ${reply?.problem ?? end}`,
    { remedy: 'Nothing was installed. The engine onnxruntime trains and segments here.' },
  )
}
