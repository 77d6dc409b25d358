import { storeToRefs } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Problem } from '../../../preload/contract/base.ts'
import { passes } from '../../../preload/contract/object-filter.ts'
import type { ImageDetails } from '../../../preload/contract/images.ts'
import type { ResultImage, ResultObject, ResultObjects } from '../../../preload/contract/results.ts'
import { client } from '../../connection/client.ts'
import type { Splitting } from '../../../preload/contract/segmentation.ts'
import { problemOf } from '../../stores/problems.ts'
import { type LengthUnit, measuredColumns, micrometres } from './measured-columns.ts'
import { useReview } from './review-store.ts'

/** The measured objects of the page that is shown: filtered, sorted, one of them chosen. */
export function useObjects(shown: {
  image: () => ResultImage
  details: () => ImageDetails
  page: () => number
  splitting: () => Splitting
}) {
  const { image, details, page, splitting } = shown
  const found = shallowRef<ResultObjects>()
  const all = computed(() => found.value?.objects)
  const problem = shallowRef<Problem>()
  const attempt = ref(0)
  const chosen = ref<number>()
  const { sort, lengthUnit, objectFilter: filter } = storeToRefs(useReview())

  const unit = computed<LengthUnit>({
    get: () => (micrometres(details()) === undefined ? 'px' : lengthUnit.value),
    set: (value) => (lengthUnit.value = value),
  })
  const columns = computed(() => measuredColumns(details(), unit.value))
  const filtered = computed(() => all.value?.filter((object) => passes(filter.value, object)) ?? [])
  const sorted = computed(() => {
    const { key, descending } = sort.value
    const column = columns.value.find((each) => each.key === key)
    const value = (object: ResultObject): number =>
      key === 'class' ? object.classIndex : (column?.value(object) ?? object.number)
    const direction = descending ? -1 : 1
    return filtered.value.toSorted(
      (one, other) => direction * (value(one) - value(other)) || one.number - other.number,
    )
  })
  const chosenObject = computed(() => all.value?.find(({ number }) => number === chosen.value))

  watch(
    [() => image().id, () => image().segmented, page, splitting, attempt],
    async ([id, , shownPage, split], _before, onCleanup) => {
      found.value = problem.value = chosen.value = undefined
      const controller = new AbortController()
      onCleanup(() => controller.abort())
      try {
        found.value = await client.results.objects(
          { id, page: shownPage, splitting: split },
          { signal: controller.signal },
        )
      } catch (thrown) {
        if (!controller.signal.aborted) problem.value = problemOf(thrown)
      }
    },
    { immediate: true },
  )

  function sortBy(key: string): void {
    const { key: before, descending } = sort.value
    sort.value = { key, descending: before === key && !descending }
  }

  /** The object at a place, of those that count; asks whose pixel it is, as rectangles overlap. */
  async function objectAt(
    point: { x: number; y: number },
    classIndex: number,
  ): Promise<ResultObject | undefined> {
    const at = { x: Math.floor(point.x), y: Math.floor(point.y) }
    const around = (all.value ?? []).filter(
      (object) => object.classIndex === classIndex && isWithin(at, componentOf(object)),
    )
    const components = [
      ...new Map(around.map((object) => [Object.values(componentOf(object)).join(), object])).values(),
    ]
      .map((object) => ({ box: componentOf(object), ...waistOf(object, splitting()) }))
      .sort((one, other) => one.box.width * one.box.height - other.box.width * other.box.height)
    if (components.length === 0) return undefined
    const place = { id: image().id, page: page(), classIndex, at, components }
    const first = await client.results.objectAt(place)
    return filtered.value.find((object) => object.first.x === first?.x && object.first.y === first.y)
  }

  return {
    found,
    all,
    problem,
    retry: () => attempt.value++,
    filter,
    unit,
    columns,
    sort,
    sortBy,
    sorted,
    chosen,
    chosenObject,
    objectAt,
  }
}

export type Objects = ReturnType<typeof useObjects>

/** The rectangle around the connected component that an object is, or is part of. */
export function componentOf({ box, splitFrom }: ResultObject): ResultObject['box'] {
  return splitFrom ?? box
}

/** What an object's component is split by; nothing where it is one object. */
export function waistOf({ classIndex, splitFrom }: ResultObject, splitting: Splitting): { waist?: number } {
  const waist = splitting.find((each) => each.classIndex === classIndex)?.waist
  return splitFrom === undefined || waist === undefined ? {} : { waist }
}

function isWithin(at: { x: number; y: number }, { x, y, width, height }: ResultObject['box']): boolean {
  return at.x >= x && at.y >= y && at.x < x + width && at.y < y + height
}
