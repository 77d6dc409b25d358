import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import type { ChannelSettings, ViewerSettings } from '../../../preload/contract/viewer-settings.ts'
import { client } from '../../connection/client.ts'
import { useLabelling } from '../../labelling/labelling-store.ts'
import { useNotices } from '../../stores/notices.ts'
import { useProject } from '../../stores/project.ts'

/** Dragging on the histogram changes the window many times a second: it is kept when that has ended. */
const MILLISECONDS_OF_REST = 500

/** How images and labels are shown: the same from image to image, and kept with the project. */
export const useViewerSettings = defineStore('viewer-settings', () => {
  const project = useProject()
  const labelling = useLabelling()
  /** Of the channels that a person changed; the others are shown as usual. */
  const channels = ref<ChannelSettings[]>([])
  let kept = ''
  let timer: ReturnType<typeof setTimeout> | undefined

  const settings = computed<ViewerSettings>(() => ({
    channels: channels.value,
    labelOpacity: labelling.opacity,
    labelStyle: labelling.style,
    brushSize: labelling.brushSize,
  }))

  // After the labelling store's own watcher, which takes its part of the settings.
  watch(
    () => project.current?.folder,
    () => {
      clearTimeout(timer)
      channels.value = project.current?.viewer.channels.map((each) => ({ ...each })) ?? []
      kept = JSON.stringify(settings.value)
    },
    { immediate: true, flush: 'post' },
  )

  watch(settings, () => {
    clearTimeout(timer)
    timer = setTimeout(() => void keep(), MILLISECONDS_OF_REST)
  })

  async function keep(): Promise<void> {
    const now = JSON.stringify(settings.value)
    if (!project.current || now === kept) return
    try {
      await client.projects.saveViewer(JSON.parse(now) as ViewerSettings)
      kept = now
    } catch (thrown) {
      useNotices().report(thrown)
    }
  }

  return { channels, settings }
})
