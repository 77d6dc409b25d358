import { computed, type Ref, ref, shallowRef } from 'vue'

/** Several of a list, as files are selected: by click, Shift and Ctrl, and by keys. */
export function useSelection(keys: Ref<readonly string[]>) {
  const chosen = shallowRef<ReadonlySet<string>>(new Set())
  /** The one that keys move from. */
  const at = ref<string>()
  let anchor: string | undefined

  const places = computed(() => new Map(keys.value.map((key, place) => [key, place])))
  /** What is chosen and still on the list, in its order. */
  const selected = computed(() => keys.value.filter((key) => chosen.value.has(key)))

  function placeOf(key: string | undefined): number | undefined {
    return key === undefined ? undefined : places.value.get(key)
  }

  function select(key: string, { range = false, toggle = false } = {}): void {
    at.value = key
    const [from, to] = [placeOf(anchor), placeOf(key)]
    if (range && from !== undefined && to !== undefined) {
      const between = keys.value.slice(Math.min(from, to), Math.max(from, to) + 1)
      chosen.value = new Set([...(toggle ? chosen.value : []), ...between])
      return
    }
    anchor = key
    if (!toggle) chosen.value = new Set([key])
    else {
      const next = new Set(chosen.value)
      if (!next.delete(key)) next.add(key)
      chosen.value = next
    }
  }

  /** Moves by so many places, no further than the ends; `range` takes along what lies between. */
  function move(offset: number, { range = false } = {}): void {
    const from = placeOf(at.value) ?? (offset > 0 ? -1 : keys.value.length)
    const to = keys.value[Math.max(0, Math.min(keys.value.length - 1, from + offset))]
    if (to !== undefined) select(to, { range })
  }

  function selectAll(): void {
    chosen.value = new Set(keys.value)
  }

  /** Makes an item the one that keys move from, without choosing it. */
  function stand(key: string | undefined): void {
    at.value = key
  }

  function clear(): void {
    chosen.value = new Set()
  }

  return { at, chosen, selected, select, move, selectAll, stand, clear, placeOf }
}

export type Selection = ReturnType<typeof useSelection>
