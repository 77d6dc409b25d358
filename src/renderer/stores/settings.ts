import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Settings } from '../../preload/contract/settings.ts'
import { client } from '../connection/client.ts'
import { useNotices } from './notices.ts'

/** What a person set, on this computer; kept by the main process. */
export const useSettings = defineStore('settings', () => {
  const settings = ref<Settings>({
    theme: 'system',
    keys: {},
    cache: { folder: null, limitGigabytes: 5 },
    compute: { engine: null, threads: null, memoryGigabytes: null },
    packageSource: null,
    projectsFolder: null,
    // Until they are loaded, nothing is offered that may have been refused.
    tourSeen: true,
  })
  const theme = computed(() => settings.value.theme)

  async function load(): Promise<void> {
    settings.value = await client.settings.get()
  }

  /** Holds at once; goes back where it could not be kept. */
  async function change(changes: Partial<Settings>): Promise<void> {
    const before = settings.value
    settings.value = { ...before, ...changes }
    try {
      settings.value = await client.settings.change(changes)
    } catch (thrown) {
      settings.value = before
      useNotices().report(thrown, () => void change(changes))
    }
  }

  return { settings, theme, load, change }
})
