/**
 * What a process that computes may use: limits from its environment, `SEGSCOPE_THREADS` and `SEGSCOPE_MEMORY_GB`, which the
 * application sets for its child processes as the settings say, and people for the command line.
 */

export interface ComputeLimits {
  /** Of computing; undefined: as many as there are cores. */
  threads?: number | undefined
  /** Undefined: what is free. */
  memoryGigabytes?: number | undefined
}

/** undefined where nothing limits the threads, or nonsense does. */
export function threadLimit(): number | undefined {
  const threads = Math.floor(positive(process.env['SEGSCOPE_THREADS']))
  return threads >= 1 ? threads : undefined
}

/** In bytes, of the whole process; Infinity where nothing limits the memory. */
export function memoryLimit(): number {
  const gigabytes = positive(process.env['SEGSCOPE_MEMORY_GB'])
  return gigabytes > 0 ? gigabytes * 1e9 : Infinity
}

/** What this process may take yet, in bytes: what the system has, and what the limit leaves. */
export function memoryLeft(): number {
  const limit = memoryLimit()
  const free = process.availableMemory()
  return limit === Infinity ? free : Math.min(free, Math.max(0, limit - process.memoryUsage.rss()))
}

/** The environment of a child process under these limits. */
export function limitedEnvironment({ threads, memoryGigabytes }: ComputeLimits): NodeJS.ProcessEnv {
  const environment = { ...process.env }
  if (threads !== undefined) environment['SEGSCOPE_THREADS'] = String(threads)
  if (memoryGigabytes !== undefined) environment['SEGSCOPE_MEMORY_GB'] = String(memoryGigabytes)
  return environment
}

function positive(text: string | undefined): number {
  const value = Number(text ?? '')
  return Number.isFinite(value) && value > 0 ? value : 0
}
