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
  const measured = Promise.withResolvers<EngineFigures>()
  const child = new ComputeProcess<EngineRequestMessage, EngineReplyMessage>(
    siblingModule(import.meta.url, 'engine-process'),
    limits,
    (message) => {
      if (message.kind === 'progress') onProgress(message.fraction)
      else if (message.kind === 'measured') measured.resolve(message.figures)
      else measured.reject(unpackError(message.error))
    },
  )
  const cancel = (): void => measured.reject(new CancelledError())
  signal.addEventListener('abort', cancel, { once: true })
  void child.ended.then((reason) => measured.reject(reason ?? new CancelledError()))
  try {
    child.send({ engine })
    return await measured.promise
  } finally {
    signal.removeEventListener('abort', cancel)
    await child.kill()
  }
}
