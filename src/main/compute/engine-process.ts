/** The child process that measures one engine: native code that fails takes nothing else along. */
import { measureEngine } from '../services/measure-engine.ts'
import type { EngineReplyMessage, EngineRequestMessage } from './engine-messages.ts'
import { packError } from './transferred-error.ts'

process.on('message', ({ engine }: EngineRequestMessage) => {
  measureEngine(engine, (fraction) => send({ kind: 'progress', fraction })).then(
    (figures) => send({ kind: 'measured', figures }),
    (error: unknown) => send({ kind: 'failed', error: packError(error) }),
  )
})
// The application is gone: nobody waits.
process.on('disconnect', () => process.exit(0))

function send(message: EngineReplyMessage): void {
  process.send?.(message)
}
