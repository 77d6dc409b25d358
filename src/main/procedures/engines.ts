import { procedures } from './implementer.ts'

/** For what cannot be given up by whoever asked. */
const never = new AbortController().signal

export const engines = procedures.engines.router({
  watch: procedures.engines.watch.handler(async function* ({ context, signal }) {
    yield* context.application.watchEngines(signal)
  }),
  measure: procedures.engines.measure.handler(({ context, input, signal }) =>
    context.application.engineMeasuring.measure(input.name, signal ?? never),
  ),
  planInstallation: procedures.engines.planInstallation.handler(({ context, input, signal }) =>
    context.application.runtime.plan(input.variant, input.source, signal ?? never),
  ),
  install: procedures.engines.install.handler(({ context, input }) =>
    context.application.installTensorFlow(input.variant, input.source),
  ),
  cancelInstallation: procedures.engines.cancelInstallation.handler(({ context }) =>
    context.application.runtime.cancel(),
  ),
  removeRuntime: procedures.engines.removeRuntime.handler(({ context }) =>
    context.application.runtime.remove(),
  ),
})
