import { onBeforeUnmount, shallowRef } from 'vue'
import type { Problem } from '../../../preload/contract/base.ts'
import { type Engines, engineTitles } from '../../../preload/contract/engines.ts'
import { client } from '../../connection/client.ts'
import { isCancelled, problemOf } from '../../stores/problems.ts'

/** Engines, what computes and TensorFlow's runtime, as they are now: followed as long as the component is shown. */
export function useEngines() {
  const engines = shallowRef<Engines>()
  const problem = shallowRef<Problem>()
  const controller = new AbortController()
  const { signal } = controller

  async function follow(): Promise<void> {
    try {
      for await (const now of await client.engines.watch(undefined, { signal })) engines.value = now
    } catch (thrown) {
      if (!signal.aborted && !isCancelled(thrown)) problem.value = problemOf(thrown)
    }
  }
  void follow()

  onBeforeUnmount(() => controller.abort())
  return { engines, problem, signal }
}

/** What an engine is called outside of our code. */
export function engineTitle(name: string): string {
  return engineTitles[name] ?? name
}
