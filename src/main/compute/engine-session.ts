import type { ComputeLimits } from '../../model/engine/compute-limits.ts'
import { CancelledError } from '../../model/errors.ts'
import type { EngineFigures } from '../../preload/contract/engines.ts'
import { ComputeProcess } from './compute-process.ts'
import type { EngineReplyMessage, EngineRequestMessage } from './engine-messages.ts'
import { siblingModule } from './sibling-module.ts'
import { unpackError } from './transferred-error.ts'

/**
 * Measures an engine in a child process of its own, under the limits that hold.
 * @throws SegscopeError as `measureEngine`, `compute-died`; CancelledError
 */
export async function measureInProcess(
  engine: string,
  limits: ComputeLimits,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<EngineFigures> {
  const reply = await ask({ engine, work: 'measure' }, limits, onProgress, signal)
  if (reply.kind !== 'measured') throw new Error(`The engine was not measured: ${reply.kind}.`)
  return reply.figures
}

/**
 * Opens an engine in a child process of its own, which a driver may take down.
 * @throws SegscopeError as `loadEngine`, `compute-died`; CancelledError
 */
export async function openInProcess(engine: string, signal: AbortSignal): Promise<void> {
  await ask({ engine, work: 'open' }, {}, () => undefined, signal)
}

/** The process's last reply; then the process is ended. */
async function ask(
  request: EngineRequestMessage,
  limits: ComputeLimits,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<EngineReplyMessage> {
  const done = Promise.withResolvers<EngineReplyMessage>()
  const child = new ComputeProcess<EngineRequestMessage, EngineReplyMessage>(
    siblingModule(import.meta.url, 'engine-process'),
    limits,
    (message) => {
      if (message.kind === 'progress') onProgress(message.fraction)
      else if (message.kind === 'failed') done.reject(unpackError(message.error))
      else done.resolve(message)
    },
  )
  const cancel = (): void => done.reject(new CancelledError())
  signal.addEventListener('abort', cancel, { once: true })
  void child.ended.then((reason) => done.reject(reason ?? new CancelledError()))
  try {
    child.send(request)
    return await done.promise
  } finally {
    signal.removeEventListener('abort', cancel)
    await child.kill()
  }
}
