import { InferenceSession } from './library.ts'
import { SegscopeError } from '../../errors.ts'
import { threadLimit } from '../compute-limits.ts'
import { type OnnxGraph, serialiseModel } from './onnx-model.ts'

/** The error of something that ONNX Runtime refused or broke off. */
export function engineError(what: string, cause: unknown): SegscopeError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const memory = /alloc|memory/i.test(reason)
  return new SegscopeError('engine-failed', `ONNX Runtime could not ${what}: ${reason}`, {
    cause,
    remedy: memory
      ? 'Close other programs, or choose a smaller batch or tile size.'
      : 'Run "segscope doctor" and report this with its output.',
  })
}

/**
 * Compiles a graph, for the processor unless the options say otherwise.
 * @param threads undefined: what `threadLimit` allows, or as many as there are cores
 * @throws SegscopeError `engine-failed`
 */
export async function createSession(
  graph: OnnxGraph,
  threads: number | undefined,
  options: Partial<InferenceSession.SessionOptions> = {},
): Promise<InferenceSession> {
  const most = threads ?? threadLimit()
  try {
    return await InferenceSession.create(serialiseModel(graph), {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      ...(most === undefined ? {} : { intraOpNumThreads: most }),
      ...options,
    })
  } catch (cause) {
    throw engineError('prepare the network', cause)
  }
}
