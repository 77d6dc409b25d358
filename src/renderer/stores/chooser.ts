import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { client } from '../connection/client.ts'
import { useNotices } from './notices.ts'

/** What a person is asked to choose. */
export interface Choice {
  title: string
  what: 'folder' | 'images' | 'file'
  /** Where to begin. */
  folder?: string
}

/**
 * Choosing files and folders: by the system's dialog at the desktop; in a browser by a dialog of the page, which shows
 * the folders of the computer that Segscope runs on.
 */
export const useChooser = defineStore('chooser', () => {
  /** What the page's own dialog asks for now. */
  const asked = shallowRef<Choice>()
  let answer: ((paths: string[] | null) => void) | undefined

  /** The chosen paths, one for a folder; null where the person chose nothing. */
  async function choose(choice: Choice): Promise<string[] | null> {
    if (window.segscope !== undefined) {
      try {
        return await client.folders.choose(choice)
      } catch (thrown) {
        useNotices().report(thrown)
        return null
      }
    }
    asked.value = choice
    return await new Promise((resolve) => (answer = resolve))
  }

  async function chooseFolder(title: string, folder?: string): Promise<string | undefined> {
    const chosen = await choose({ title, what: 'folder', ...(folder && { folder }) })
    return chosen?.[0]
  }

  /** One file of any kind. */
  async function chooseFile(title: string): Promise<string | undefined> {
    const chosen = await choose({ title, what: 'file' })
    return chosen?.[0]
  }

  /** The page's dialog answers. */
  function settle(paths: string[] | null): void {
    asked.value = undefined
    answer?.(paths)
    answer = undefined
  }

  return { asked, choose, chooseFolder, chooseFile, settle }
})
