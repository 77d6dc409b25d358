import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { Problem } from '../../preload/contract/base.ts'
import { problemOf } from './problems.ts'

/** One thing that a person is told at the window's edge. */
export interface Notice {
  id: number
  /** What went wrong, or what was done. */
  content: { problem: Problem; retry?: () => void } | { text: string; undo?: () => void }
}

const SECONDS_FOR_TEXT = 6
/** What can be taken back is offered long enough to be read and reached. */
const SECONDS_FOR_UNDO = 20

/** What has no better place to be said: problems stay until they are closed, what was done fades by itself. */
export const useNotices = defineStore('notices', () => {
  const notices = ref<Notice[]>([])
  let latest = 0

  function add(content: Notice['content']): number {
    const id = ++latest
    notices.value.push({ id, content })
    return id
  }

  function dismiss(id: number): void {
    notices.value = notices.value.filter((each) => each.id !== id)
  }

  /** Shows why something failed, with a way to try it again where there is one. */
  function report(thrown: unknown, retry?: () => void): void {
    add({ problem: problemOf(thrown), ...(retry && { retry }) })
  }

  /** Shows a problem that the page itself found. */
  function tell(problem: Problem): void {
    add({ problem })
  }

  /** @param undo takes back what was done */
  function say(text: string, undo?: () => void): void {
    const id = add({ text, ...(undo && { undo }) })
    setTimeout(() => dismiss(id), (undo ? SECONDS_FOR_UNDO : SECONDS_FOR_TEXT) * 1000)
  }

  return { notices, report, tell, say, dismiss }
})
