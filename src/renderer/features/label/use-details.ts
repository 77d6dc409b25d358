import { ref, shallowRef, watch } from 'vue'
import type { Problem } from '../../../preload/contract/base.ts'
import type { ImageDetails } from '../../../preload/contract/images.ts'
import { client } from '../../connection/client.ts'
import { problemOf } from '../../stores/problems.ts'

/**
 * The details of an image, anew with each. Those of the one before stay until they are there, so that nothing flickers:
 * `isCurrent` tells.
 */
export function useDetails(image: () => number | undefined) {
  const details = shallowRef<ImageDetails>()
  const problem = shallowRef<Problem>()
  const attempt = ref(0)

  watch(
    [image, attempt],
    async ([id], _before, onCleanup) => {
      problem.value = undefined
      if (id === undefined || details.value?.id === id) return
      const controller = new AbortController()
      onCleanup(() => controller.abort())
      try {
        details.value = await client.images.details({ id }, { signal: controller.signal })
      } catch (thrown) {
        if (controller.signal.aborted) return
        details.value = undefined
        problem.value = problemOf(thrown)
      }
    },
    { immediate: true },
  )

  return { details, problem, isCurrent: () => details.value?.id === image(), retry: () => attempt.value++ }
}
