import { implement, ORPCError } from '@orpc/server'
import { contract } from '../../preload/contract/index.ts'
import type { Application } from '../application.ts'
import { toProblem } from '../to-problem.ts'

/** What every procedure is given. */
export interface ProcedureContext {
  application: Application
}

/**
 * Where implementations start: whatever they throw becomes a `PROBLEM` with what happened and what to do; input that
 * the contract refuses stays oRPC's `BAD_REQUEST`.
 */
export const procedures = implement(contract)
  .$context<ProcedureContext>()
  .use(async ({ next }) => {
    try {
      return await next()
    } catch (thrown) {
      if (thrown instanceof ORPCError) throw thrown
      const problem = toProblem(thrown)
      throw new ORPCError('PROBLEM', {
        message: problem.message,
        data: problem,
        defined: true,
        cause: thrown,
      })
    }
  })
