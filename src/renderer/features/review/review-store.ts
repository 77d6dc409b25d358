import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Problem } from '../../../preload/contract/base.ts'
import { allObjects, type ObjectFilter } from '../../../preload/contract/object-filter.ts'
import type { Result, ResultImage, Verdict } from '../../../preload/contract/results.ts'
import type { Splitting } from '../../../preload/contract/segmentation.ts'
import type { ViewerSettings } from '../../../preload/contract/viewer-settings.ts'
import { client } from '../../connection/client.ts'
import { useNotices } from '../../stores/notices.ts'
import { problemOf } from '../../stores/problems.ts'
import { useProject } from '../../stores/project.ts'
import type { LengthUnit } from './measured-columns.ts'

/** What is reviewed, and how it is shown: kept while other pages are. */
export const useReview = defineStore('review', () => {
  const project = useProject()
  const results = shallowRef<Result[]>()
  /** By its number; undefined: the one worked on last. */
  const result = ref<number>()
  const images = shallowRef<ResultImage[]>([])
  /** Of the result. */
  const image = ref<number>()
  const filter = ref<'all' | Verdict>('all')
  /** One image with its objects, or all as a grid. */
  const view = ref<'image' | 'grid'>('image')
  const problem = shallowRef<Problem>()
  const opacity = ref(0.8)
  const style = ref<ViewerSettings['labelStyle']>('outlines')
  const hidden = ref(false)
  /** The share of the view, from the left, that the result is shown over. */
  const swipe = ref(1)
  /** Which objects count, and how their table is shown. */
  const objectFilter = ref<ObjectFilter>(allObjects)
  const sort = ref<{ key: string; descending: boolean }>({ key: 'number', descending: false })
  const lengthUnit = ref<LengthUnit>('µm')
  const tab = ref<'objects' | 'plots' | 'agreement'>('objects')
  /** The masks that the result is compared with; undefined: the labels of the project. */
  const truth = ref<{ folder: string; values: '' | 'classes' | 'binary' | 'zero-unlabelled' }>()
  /** How the objects of the result are split: as it is being chosen, and as it counts. */
  const wishedSplitting = ref<Splitting>([])
  const splitting = shallowRef<Splitting>([])

  const shownResult = computed(
    () =>
      results.value?.find(({ id }) => id === result.value) ?? results.value?.find((each) => made(each) > 0),
  )
  /** Those of the project: only they can be shown. */
  const reviewable = computed(() => images.value.filter((each) => each.image !== null))
  const listed = computed(() =>
    reviewable.value.filter(({ verdict }) => filter.value === 'all' || verdict === filter.value),
  )
  const shownImage = computed(
    () => reviewable.value.find(({ id }) => id === image.value) ?? listed.value[0] ?? reviewable.value[0],
  )
  const foreign = computed(() => images.value.filter((each) => each.image === null))
  const unseen = computed(() => reviewable.value.filter(({ verdict }) => verdict === 'unseen').length)

  watch(
    () => project.current?.folder,
    () => {
      results.value = undefined
      images.value = []
      result.value = image.value = undefined
      filter.value = 'all'
      truth.value = undefined
    },
  )
  watch(
    () => shownResult.value?.id,
    (now, before) => {
      if (before !== undefined) image.value = undefined
      objectFilter.value = allObjects
      splitting.value = wishedSplitting.value = shownResult.value?.request.splitting ?? []
      if (now !== undefined) void loadImages()
    },
  )

  /** Splits from now on as the person wishes. */
  async function applySplitting(): Promise<void> {
    const shown = shownResult.value
    if (shown === undefined) return
    splitting.value = wishedSplitting.value
    try {
      await client.results.setSplitting({ result: shown.id, splitting: splitting.value })
    } catch (thrown) {
      useNotices().report(thrown)
    }
  }

  /** Asks for the results as they are now. */
  async function load(): Promise<void> {
    problem.value = undefined
    try {
      results.value = await client.results.list()
    } catch (thrown) {
      problem.value = problemOf(thrown)
      return
    }
    await loadImages()
  }

  async function loadImages(): Promise<void> {
    const asked = shownResult.value?.id
    if (asked === undefined) return
    try {
      const found = await client.results.images({ result: asked })
      if (asked === shownResult.value?.id) images.value = found
    } catch (thrown) {
      problem.value = problemOf(thrown)
    }
  }

  /** Says what the person thinks of the image shown; saying it again takes it back. Goes on to the next unseen one. */
  async function judge(verdict: 'accepted' | 'rejected'): Promise<void> {
    const judged = shownImage.value
    if (judged === undefined) return
    const isKept = await judgeAll([judged.id], verdict)
    // Where the list shows only the unseen ones, the image stays in view until the person goes on.
    image.value = judged.id
    if (isKept) goToUnseen()
  }

  /**
   * Says what the person thinks of several images; saying it again of all of them takes it back.
   * @returns whether they have the verdict now
   */
  async function judgeAll(ids: readonly number[], verdict: 'accepted' | 'rejected'): Promise<boolean> {
    const judged = new Set(ids)
    const isTakenBack = images.value.every((each) => !judged.has(each.id) || each.verdict === verdict)
    const now = isTakenBack ? 'unseen' : verdict
    try {
      await client.results.setVerdict({ ids: [...ids], verdict: now })
    } catch (thrown) {
      useNotices().report(thrown)
      return false
    }
    images.value = images.value.map((each) => (judged.has(each.id) ? { ...each, verdict: now } : each))
    return !isTakenBack
  }

  /** The next image that nobody has judged, from the one shown on, then from the beginning. */
  function goToUnseen(): void {
    const all = reviewable.value
    const at = all.findIndex(({ id }) => id === shownImage.value?.id)
    const next = [...all.slice(at + 1), ...all.slice(0, at + 1)].find(({ verdict }) => verdict === 'unseen')
    if (next !== undefined) image.value = next.id
  }

  function go(offset: -1 | 1): void {
    const at = listed.value.findIndex(({ id }) => id === shownImage.value?.id)
    const to = listed.value[at + offset]
    if (to !== undefined) image.value = to.id
  }

  return {
    results,
    result,
    image,
    filter,
    view,
    problem,
    opacity,
    style,
    hidden,
    swipe,
    objectFilter,
    sort,
    lengthUnit,
    tab,
    truth,
    splitting,
    wishedSplitting,
    shownResult,
    listed,
    reviewable,
    shownImage,
    foreign,
    unseen,
    load,
    applySplitting,
    judge,
    judgeAll,
    goToUnseen,
    go,
  }
})

/** Images that are segmented. */
export function made({ unseen, accepted, rejected }: Result): number {
  return unseen + accepted + rejected
}
