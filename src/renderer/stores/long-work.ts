import { onScopeDispose, ref, shallowRef } from 'vue'
import type { Problem } from '../../preload/contract/base.ts'
import { problemOf } from './problems.ts'

interface Progress {
  kind: 'progress'
  fraction: number
  label: string
}

/** What every work that runs now says of itself. */
const running = new Set<() => string>()

/** Work that closing the page would cut off, by what each is doing: "312 of 10,000 images". */
export function runningWork(): string[] {
  return [...running].map((label) => label())
}

/** Work that tells how far it is, in a component that shows it: one at a time, ended with the component. */
export function useLongWork() {
  const progress = ref<{ fraction: number; label: string }>()
  const problem = shallowRef<Problem>()
  let controller: AbortController | undefined

  /**
   * Runs work until its last event, which is returned.
   * @param begin given the signal that `cancel` aborts
   * @param firstLabel what is shown before the first news
   * @returns undefined where it failed, which `problem` then says, or was cancelled
   */
  async function run<Done extends { kind: 'done' }>(
    firstLabel: string,
    begin: (signal: AbortSignal) => Promise<AsyncIterable<Progress | Done>>,
  ): Promise<Done | undefined> {
    const { signal } = (controller = new AbortController())
    problem.value = undefined
    progress.value = { fraction: 0, label: firstLabel }
    const label = (): string => progress.value?.label ?? firstLabel
    running.add(label)
    try {
      for await (const event of await begin(signal)) {
        if (event.kind === 'done') return event
        progress.value = event
      }
    } catch (thrown) {
      if (!signal.aborted) problem.value = problemOf(thrown)
    } finally {
      running.delete(label)
      progress.value = undefined
    }
    return undefined
  }

  function cancel(): void {
    controller?.abort()
  }

  onScopeDispose(cancel)
  return { progress, problem, run, cancel }
}
