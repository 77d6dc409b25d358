import { engineNames } from '../../model/engine/engines.ts'
import { SegscopeError } from '../../model/errors.ts'
import type { Engines } from '../../preload/contract/engines.ts'
import type { Application } from '../application.ts'
import { measureInProcess } from '../compute/engine-session.ts'
import { EventQueue } from './event-queue.ts'
import { procedures } from './implementer.ts'

export const engines = procedures.engines.router({
  list: procedures.engines.list.handler(({ context }) => enginesOf(context.application)),
  measure: procedures.engines.measure.handler(async function* ({ context: { application }, input, signal }) {
    if (!engineNames.includes(input.name)) {
      throw new SegscopeError('unknown-engine', 'There is no engine of this name.', {
        remedy: `Choose one of: ${engineNames.join(', ')}.`,
      })
    }
    const stop = new AbortController()
    const progress = new EventQueue<{ kind: 'progress'; fraction: number; label: string }>()
    const measuring = measureInProcess(
      input.name,
      application.compute().limits,
      (fraction) => progress.add({ kind: 'progress', fraction, label: 'measuring' }),
      signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]),
    )
    try {
      yield* progress.until(measuring)
      await application.engineFigures.keep(await measuring)
      yield { kind: 'done' as const, engines: enginesOf(application) }
    } finally {
      stop.abort()
    }
  }),
})

function enginesOf(application: Application): Engines {
  const { engine, reason } = application.compute()
  const figures = application.engineFigures.list()
  return {
    chosen: engine,
    reason,
    engines: engineNames.map((name) => {
      const found = figures.find((each) => each.name === name)
      return { name, ...(found !== undefined && { figures: found }) }
    }),
  }
}
