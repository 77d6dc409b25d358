import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { places, useNavigation } from '../../stores/navigation.ts'
import { useProject } from '../../stores/project.ts'
import { useSettings } from '../../stores/settings.ts'

/** One stop for each page, in the order of the work. */
export const tourStops = places

/**
 * A walk through the pages. It is offered where no project is open, until it was taken or refused, or a project is opened: after
 * that it comes only when it is asked for.
 */
export const useTour = defineStore('tour', () => {
  const settings = useSettings()
  const project = useProject()
  const navigation = useNavigation()
  /** Which stop is shown; undefined: none. */
  const stop = ref<number>()
  /** It begins once a project is open. */
  const isAwaited = ref(false)

  const isOffered = computed(() => !settings.settings.tourSeen && !isAwaited.value)

  function start(): void {
    remember()
    if (project.current) show(0)
    else isAwaited.value = true
  }

  function show(index: number): void {
    const place = tourStops[index]
    stop.value = place === undefined ? undefined : index
    if (place !== undefined) navigation.go(place)
  }

  /** Skips what is left. */
  function end(): void {
    stop.value = undefined
    isAwaited.value = false
    remember()
  }

  function remember(): void {
    if (!settings.settings.tourSeen) void settings.change({ tourSeen: true })
  }

  watch(
    () => project.current?.folder,
    (folder) => {
      if (folder === undefined) stop.value = undefined
      else if (isAwaited.value) {
        isAwaited.value = false
        show(0)
      } else remember()
    },
  )

  return { stop, isAwaited, isOffered, start, show, end }
})
