import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Job } from '../../preload/contract/jobs.ts'
import { client } from '../connection/client.ts'
import { useNotices } from './notices.ts'

const endedStates: readonly Job['state'][] = ['finished', 'stopped', 'failed', 'cancelled']

export function hasEnded({ state }: Job): boolean {
  return endedStates.includes(state)
}

/** Long work of the application, followed for the page's life: it goes on whatever page is shown. */
export const useJobs = defineStore('jobs', () => {
  /** Newest first. */
  const list = shallowRef<Job[]>([])
  const atWork = computed(() => list.value.filter((job) => !hasEnded(job)))
  /** Of all that is at work, 0 to 1; what is in preparation has not begun. */
  const fraction = computed(() =>
    atWork.value.length === 0
      ? 1
      : atWork.value.reduce((sum, job) => sum + (job.state === 'preparing' ? 0 : job.fraction), 0) /
        atWork.value.length,
  )

  async function follow(): Promise<void> {
    try {
      for await (const jobs of await client.jobs.watch()) list.value = jobs
    } catch {
      // The connection is gone, which the window's banner says: it ends the project's events too.
    }
  }
  void follow()

  /** Does something to a job; why it could not be done is told at the window's edge. */
  async function control(what: 'pause' | 'goOn' | 'stop' | 'cancel' | 'dismiss', id: number): Promise<void> {
    try {
      await client.jobs[what]({ id })
    } catch (thrown) {
      useNotices().report(thrown)
    }
  }

  return { list, atWork, fraction, control }
})
