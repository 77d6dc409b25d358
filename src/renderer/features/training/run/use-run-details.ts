import { computed, shallowRef, watch } from 'vue'
import type { ExperimentDetails } from '../../../../preload/contract/experiments.ts'
import { client } from '../../../connection/client.ts'
import { useNotices } from '../../../stores/notices.ts'
import { useTraining } from '../training-store.ts'

/** All that is known of the one experiment that is shown; undefined while none or several are. */
export function useRunDetails() {
  const training = useTraining()
  const details = shallowRef<ExperimentDetails>()
  const only = computed(() => (training.shown.length === 1 ? training.shown[0] : undefined))
  const row = computed(() => training.experiments.find(({ id }) => id === only.value))

  watch(
    () => [only.value, row.value?.status].join(),
    async () => {
      const id = only.value
      if (id !== details.value?.id) details.value = undefined
      if (id === undefined) return
      try {
        const read = await client.experiments.details({ id })
        if (only.value === id) details.value = read
      } catch (thrown) {
        useNotices().report(thrown)
      }
    },
    { immediate: true },
  )
  return details
}
