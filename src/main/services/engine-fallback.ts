import { defaultEngine } from '../../model/engine/engines.ts'
import { SegscopeError } from '../../model/errors.ts'

/** What an engine throws before it has computed anything. */
const unusable: readonly string[] = ['engine-not-installed', 'engine-not-loaded', 'gpu-missing']

/**
 * Does work with an engine, and with the default one where that cannot be loaded.
 * @param work given the engine's name; nothing may be left of one that could not load it
 * @param onFallback told which engine could not be loaded, and why
 */
export async function withFallback<Result>(
  engine: string,
  work: (engine: string) => Promise<Result>,
  onFallback: (engine: string, reason: SegscopeError) => void,
): Promise<Result> {
  try {
    return await work(engine)
  } catch (thrown) {
    if (engine === defaultEngine || !(thrown instanceof SegscopeError) || !unusable.includes(thrown.code)) {
      throw thrown
    }
    onFallback(engine, thrown)
    return await work(defaultEngine)
  }
}
