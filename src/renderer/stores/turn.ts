import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { Turn } from '../../preload/contract/session.ts'
import { client } from '../connection/client.ts'
import { useNotices } from './notices.ts'
import { useProject } from './project.ts'
import { useSettings } from './settings.ts'

/** Whether this page may work: two pages on one project would paint over each other. */
export const useTurn = defineStore('turn', () => {
  const project = useProject()
  const settings = useSettings()
  /** undefined: not told yet. */
  const turn = ref<Turn>()
  let asking = new AbortController()

  /** Asks for the turn, and follows who has it for the page's life. */
  async function ask(takeOver: boolean): Promise<void> {
    const before = asking
    const { signal } = (asking = new AbortController())
    try {
      const turns = await client.session.turn({ takeOver }, { signal })
      // Only now: a page that left the queue first could find a third one in its place.
      before.abort()
      for await (const told of turns) {
        if (turn.value === 'elsewhere' && told === 'here') await loadAfresh()
        turn.value = told
      }
    } catch {
      // Given up for a newer question, or the connection is gone: the banner says so, and reloading tells why.
    }
    if (!signal.aborted) project.disconnected = true
  }

  /** Whoever worked meanwhile may have changed anything. */
  async function loadAfresh(): Promise<void> {
    try {
      await Promise.all([settings.load(), project.load()])
    } catch (thrown) {
      useNotices().report(thrown, () => void loadAfresh())
    }
  }

  return {
    turn,
    start: () => void ask(false),
    takeOver: () => void ask(true),
  }
})
