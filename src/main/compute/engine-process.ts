/** The child process that measures or opens one engine: native code that fails takes nothing else along. */
import { loadEngine } from '../../model/engine/engines.ts'
import { measureEngine } from '../services/measure-engine.ts'
import type { EngineReplyMessage, EngineRequestMessage } from './engine-messages.ts'
import { packError } from './transferred-error.ts'

process.on('message', (request: EngineRequestMessage) => {
  answer(request).then(send, (error: unknown) => send({ kind: 'failed', error: packError(error) }))
})
// The application is gone: nobody waits.
process.on('disconnect', () => process.exit(0))

async function answer({ engine, work }: EngineRequestMessage): Promise<EngineReplyMessage> {
  if (work === 'open') {
    await loadEngine(engine)
    return { kind: 'opened' }
  }
  const figures = await measureEngine(engine, (fraction) => send({ kind: 'progress', fraction }))
  return { kind: 'measured', figures }
}

function send(message: EngineReplyMessage): void {
  process.send?.(message)
}
