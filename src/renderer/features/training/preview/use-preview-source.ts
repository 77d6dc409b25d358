import { computed, ref, shallowRef, watch } from 'vue'
import { predictionTileAddress, trainingPreviewAddress } from '../../../../preload/contract/addresses.ts'
import type { ExperimentDetails } from '../../../../preload/contract/experiments.ts'
import { client } from '../../../connection/client.ts'
import { useNotices } from '../../../stores/notices.ts'
import { useTraining } from '../training-store.ts'

/** A prediction that can be shown. */
export interface PreviewSource {
  /** Changes with the prediction. */
  key: string
  image: number
  page: number
  step: number
  isLive: boolean
  addressOf: (tile: { column: number; row: number }) => string
}

/**
 * Which images can be looked at, and what the network makes of the chosen one: of a training at work its latest preview, of
 * one that has ended the prediction of its best checkpoint.
 */
export function usePreviewSource() {
  const training = useTraining()
  const details = shallowRef<ExperimentDetails>()
  const chosen = ref<string>()

  const experiment = computed(() => {
    if (training.isAtWork) return training.job?.experiment
    return training.shown.length === 1 ? training.shown[0] : undefined
  })
  watch(
    experiment,
    async (id) => {
      if (id !== details.value?.id) details.value = undefined
      if (id === undefined) return
      try {
        const read = await client.experiments.details({ id })
        if (experiment.value === id) details.value = read
      } catch (thrown) {
        useNotices().report(thrown)
      }
    },
    { immediate: true },
  )

  /** Those held out, or those that it learns from where none are. */
  const images = computed(() => {
    const data = details.value?.data ?? []
    const heldOut = data.filter(({ split }) => split === 'validation')
    return heldOut.length > 0 ? heldOut : data
  })
  const plane = computed(
    () => images.value.find((each) => planeKey(each) === chosen.value) ?? images.value[0],
  )

  const source = computed<PreviewSource | undefined>(() => {
    const at = plane.value
    const { job } = training
    if (at === undefined) return undefined
    if (training.isAtWork) {
      const preview = job?.preview
      if (job === undefined || preview?.image !== at.image || preview.page !== at.page) return undefined
      return {
        key: `${job.id} ${planeKey(at)} ${preview.step}`,
        image: at.image,
        page: at.page,
        step: preview.step,
        isLive: true,
        addressOf: (tile) => trainingPreviewAddress(job.id, preview, tile),
      }
    }
    const best = training.checkpoints.find(
      (each) => each.experiment === experiment.value && each.kind === 'best' && !each.missing,
    )
    if (best === undefined) return undefined
    return {
      key: `${best.id} ${best.created} ${planeKey(at)}`,
      image: at.image,
      page: at.page,
      step: best.step,
      isLive: false,
      addressOf: (tile) => predictionTileAddress({ image: at.image, page: at.page }, tile, best.id),
    }
  })

  // A training begins with its first image, whatever was looked at before.
  watch(
    () =>
      [
        training.isAtWork,
        training.job?.id,
        shownPlane(training.job),
        plane.value && planeKey(plane.value),
      ].join(),
    async () => {
      const { job } = training
      if (!training.isAtWork || job?.preview === undefined || plane.value === undefined) return
      const { image, page } = plane.value
      if (job.preview.image === image && job.preview.page === page) return
      try {
        await client.training.preview({ job: job.id, image, page })
      } catch (thrown) {
        useNotices().report(thrown)
      }
    },
  )

  return {
    images,
    plane,
    source,
    steps: computed(() => details.value?.steps),
    choose: (key: string) => (chosen.value = key),
  }
}

/** Tells the planes of images apart. */
export function planeKey({ image, page }: { image: number; page: number }): string {
  return `${image}:${page}`
}

function shownPlane(job: { preview?: { image: number; page: number } | undefined } | undefined): string {
  return job?.preview === undefined ? '' : planeKey(job.preview)
}
