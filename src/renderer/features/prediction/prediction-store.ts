import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Problem } from '../../../preload/contract/base.ts'
import type { Checkpoint } from '../../../preload/contract/experiments.ts'
import { client } from '../../connection/client.ts'
import { useNotices } from '../../stores/notices.ts'
import { useProject } from '../../stores/project.ts'

/** What of a checkpoint's opinion is shown while labelling. Kept from image to image. */
export const usePrediction = defineStore('prediction', () => {
  const project = useProject()
  /** The predicted classes are. */
  const isShown = ref(false)
  /** How unsure the network is, is: with the classes or without. */
  const isUncertaintyShown = ref(false)
  /** Newest first; those whose file is there. */
  const checkpoints = shallowRef<Checkpoint[]>([])
  /** An id; empty: the newest best. */
  const chosen = ref('')
  const opacity = ref(0.7)
  const uncertaintyOpacity = ref(0.7)
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
      isShown.value = isUncertaintyShown.value = false
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

  /** Shows or hides the predicted classes, or the uncertainty. */
  async function toggle(layer: 'classes' | 'uncertainty'): Promise<void> {
    const shown = layer === 'classes' ? isShown : isUncertaintyShown
    if (shown.value) {
      shown.value = false
      return
    }
    await listCheckpoints()
    if (checkpoint.value !== undefined) shown.value = true
    else {
      useNotices().tell({
        code: 'no-checkpoint',
        message: 'There is nothing that could predict yet.',
        remedy: 'Train on what you have labelled, import a checkpoint, or take Segscope’s own network.',
      })
    }
  }

  return {
    isShown,
    isUncertaintyShown,
    checkpoints,
    chosen,
    newest,
    checkpoint,
    opacity,
    uncertaintyOpacity,
    replacesLabels,
    missing,
    isTooMuch,
    failure,
    acceptVisible,
    listCheckpoints,
    toggle,
  }
})
