import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Problem } from '../../../preload/contract/base.ts'
import type { Checkpoint } from '../../../preload/contract/experiments.ts'
import { client } from '../../connection/client.ts'
import { useNotices } from '../../stores/notices.ts'
import { useProject } from '../../stores/project.ts'
import type { PredictionStyle } from './prediction-layer.ts'

/** What of a checkpoint's opinion is shown while labelling. Kept from image to image. */
export const usePrediction = defineStore('prediction', () => {
  const project = useProject()
  const isShown = ref(false)
  /** Newest first; those whose file is there. */
  const checkpoints = shallowRef<Checkpoint[]>([])
  /** An id; empty: the newest best. */
  const chosen = ref('')
  const opacity = ref(0.7)
  const shows = ref<PredictionStyle['shows']>('classes')
  /** Whether labels give way to what is accepted. */
  const replacesLabels = ref(false)
  /** Tiles that are seen and not predicted yet. */
  const missing = ref(0)
  /** More is seen than is predicted at a time. */
  const isTooMuch = ref(false)
  /** Labels all that is predicted and seen; undefined where no image is seen. */
  const acceptVisible = shallowRef<() => void>()
  const failure = shallowRef<{ problem: Problem; again: () => void }>()

  const newest = computed(() => checkpoints.value.find(({ kind }) => kind === 'best') ?? checkpoints.value[0])
  const checkpoint = computed(() => checkpoints.value.find(({ id }) => id === chosen.value) ?? newest.value)

  watch(
    () => project.current?.folder,
    () => {
      isShown.value = false
      chosen.value = ''
      checkpoints.value = []
    },
  )

  /** Looks which checkpoints there are now. */
  async function listCheckpoints(): Promise<void> {
    try {
      checkpoints.value = (await client.checkpoints.list()).filter((each) => !each.missing)
    } catch (thrown) {
      useNotices().report(thrown)
    }
  }

  async function toggle(): Promise<void> {
    if (isShown.value) {
      isShown.value = false
      return
    }
    await listCheckpoints()
    if (checkpoint.value !== undefined) isShown.value = true
    else {
      useNotices().tell({
        code: 'no-checkpoint',
        message: 'There is nothing that could predict yet.',
        remedy: 'Train on what you have labelled, or import a checkpoint.',
      })
    }
  }

  return {
    isShown,
    checkpoints,
    chosen,
    newest,
    checkpoint,
    opacity,
    shows,
    replacesLabels,
    missing,
    isTooMuch,
    failure,
    acceptVisible,
    listCheckpoints,
    toggle,
  }
})
