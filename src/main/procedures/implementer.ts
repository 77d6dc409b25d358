import { implement, ORPCError } from '@orpc/server'
import { contract } from '../../preload/contract/index.ts'
import type { Application } from '../application.ts'
import { toProblem } from '../to-problem.ts'
import { checkPaths } from './check-paths.ts'

/** What every procedure is given. */
export interface ProcedureContext {
  application: Application
}

/**
 * Where implementations start: whatever they throw, also in the midst of events, becomes a `PROBLEM` with what happened
 * and what to do; input that the contract refuses stays oRPC's `BAD_REQUEST`. Paths in the input are checked against what
 * the door allows.
 */
export const procedures = implement(contract)
  .$context<ProcedureContext>()
  .$config({
    // Input is validated before all of this.
    initialInputValidationIndex: Number.NEGATIVE_INFINITY,
    // Output never (oRPC's way to say so): our own code makes it, the compiler checks its types, and the tests' client its
    // values. At 10,000 images it would be a fifth of the time of listing them.
    initialOutputValidationIndex: Number.NaN,
  })
  .use(async ({ context: { application }, signal, next }, _input, output) => {
    try {
      const result = await next()
      return isIterator(result.output) ? await output(explained(result.output, application, signal)) : result
    } catch (thrown) {
      throw asContractError(thrown, application, signal)
    }
  })
  .use(async ({ context, procedure, next }, input) => {
    await checkPaths(context.application.files, procedure['~orpc'].inputSchema, input)
    return await next()
  })

async function* explained(
  events: AsyncIterable<unknown>,
  application: Application,
  signal: AbortSignal | undefined,
): AsyncGenerator {
  try {
    yield* events
  } catch (thrown) {
    throw asContractError(thrown, application, signal)
  }
}

function asContractError(
  thrown: unknown,
  application: Application,
  signal: AbortSignal | undefined,
): unknown {
  if (thrown instanceof ORPCError) return thrown
  // A page that is closed ends what it listened to: nobody is told, and nothing went wrong.
  const isGivenUp = signal?.aborted === true && thrown instanceof Error && thrown.name === 'AbortError'
  if (!isGivenUp) application.log.addProblem(thrown)
  const problem = toProblem(thrown)
  return new ORPCError('PROBLEM', { message: problem.message, data: problem, defined: true, cause: thrown })
}

function isIterator(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output
}
