import { onScopeDispose, shallowRef } from 'vue'
import type { PreFlight } from '../../../../preload/contract/training.ts'
import { client } from '../../../connection/client.ts'
import { useNotices } from '../../../stores/notices.ts'
import { useProject } from '../../../stores/project.ts'

const MILLISECONDS_TO_GATHER = 300
const concerning = new Set(['images-changed', 'images-updated', 'classes-changed', 'labels-changed'])

/** What can be said of the labels before anything is read; follows them while they are painted. */
export function usePreFlight() {
  const project = useProject()
  const preFlight = shallowRef<PreFlight>()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function read(): Promise<void> {
    timer = undefined
    try {
      preFlight.value = await client.training.preFlight()
    } catch (thrown) {
      if (!project.disconnected) useNotices().report(thrown, () => void read())
    }
  }

  const stop = project.onEvent(({ kind }) => {
    if (concerning.has(kind)) timer ??= setTimeout(() => void read(), MILLISECONDS_TO_GATHER)
  })
  onScopeDispose(() => {
    stop()
    clearTimeout(timer)
  })
  void read()
  return preFlight
}
