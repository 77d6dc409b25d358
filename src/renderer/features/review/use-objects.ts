import { computed, reactive, ref, shallowRef, watch } from 'vue'
import type { Problem } from '../../../preload/contract/base.ts'
import type { ImageDetails } from '../../../preload/contract/images.ts'
import type { ResultImage, ResultObject } from '../../../preload/contract/results.ts'
import { client } from '../../connection/client.ts'
import { problemOf } from '../../stores/problems.ts'
import {
  type LengthUnit,
  measuredColumns,
  micrometres,
  type ObjectFilter,
  passes,
} from './measured-columns.ts'

/** The measured objects of the page that is shown: filtered, sorted, one of them chosen. */
export function useObjects(image: () => ResultImage, details: () => ImageDetails, page: () => number) {
  const all = shallowRef<ResultObject[]>()
  const problem = shallowRef<Problem>()
  const attempt = ref(0)
  const chosen = ref<number>()
  const sort = ref<{ key: string; descending: boolean }>({ key: 'number', descending: false })
  const wishedUnit = ref<LengthUnit>('µm')
  const filter = reactive<ObjectFilter>({
    classIndex: undefined,
    smallest: 0,
    largest: undefined,
    withoutEdge: false,
  })

  const unit = computed<LengthUnit>({
    get: () => (micrometres(details()) === undefined ? 'px' : wishedUnit.value),
    set: (value) => (wishedUnit.value = value),
  })
  const columns = computed(() => measuredColumns(details(), unit.value))
  const filtered = computed(() => all.value?.filter((object) => passes(filter, object)) ?? [])
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
    [() => image().id, () => image().segmented, page, attempt],
    async ([id, , shownPage], _before, onCleanup) => {
      all.value = problem.value = chosen.value = undefined
      const controller = new AbortController()
      onCleanup(() => controller.abort())
      try {
        all.value = await client.results.objects({ id, page: shownPage }, { signal: controller.signal })
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

  /** The object at a point: of those of the class there whose boxes hold the point, the smallest. */
  function objectAt(point: { x: number; y: number }, classIndex: number): ResultObject | undefined {
    return filtered.value
      .filter(
        ({ box, classIndex: own }) =>
          own === classIndex &&
          point.x >= box.x &&
          point.y >= box.y &&
          point.x < box.x + box.width &&
          point.y < box.y + box.height,
      )
      .sort((one, other) => one.box.width * one.box.height - other.box.width * other.box.height)[0]
  }

  return {
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
