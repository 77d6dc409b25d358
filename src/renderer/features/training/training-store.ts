import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { DeletedItem, Deletion } from '../../../preload/contract/deletions.ts'
import type { Checkpoint, ExperimentRow } from '../../../preload/contract/experiments.ts'
import type { Job } from '../../../preload/contract/jobs.ts'
import type { Result } from '../../../preload/contract/results.ts'
import type { TrainingWishes } from '../../../preload/contract/training.ts'
import { client } from '../../connection/client.ts'
import { hasEnded, useJobs } from '../../stores/jobs.ts'
import { useNotices } from '../../stores/notices.ts'
import { useProject } from '../../stores/project.ts'
import { checkpointTitle } from './tables/checkpoint-words.ts'

const usual: TrainingWishes = {
  minutes: 5,
  seed: 1,
  start: { kind: 'starting network' },
  freezeEncoder: false,
}

/** What the next training is asked for, and what those before have left, whatever page is shown. */
export const useTraining = defineStore('training', () => {
  const project = useProject()
  const jobs = useJobs()
  const wishes = ref<TrainingWishes>({ ...usual })
  /** Newest first. */
  const experiments = shallowRef<ExperimentRow[]>([])
  /** Newest first. */
  const checkpoints = shallowRef<Checkpoint[]>([])
  /** What can be brought back, newest first. */
  const deletions = shallowRef<Deletion[]>([])
  /** These three are known. */
  const isLoaded = ref(false)
  /** Experiments that the person chose to look at; none: the running or latest one. */
  const chosen = ref<string[]>([])
  const isStarting = ref(false)

  /** The training at work, or the one that ended last and is not dismissed. */
  const job = computed<Job | undefined>(() => {
    const trainings = jobs.list.filter(({ kind }) => kind === 'training')
    return trainings.find((each) => !hasEnded(each)) ?? trainings[0]
  })
  const isAtWork = computed(() => job.value !== undefined && !hasEnded(job.value))
  const shown = computed<string[]>(() => {
    if (chosen.value.length > 0) return chosen.value
    if (isAtWork.value) return job.value?.experiment === undefined ? [] : [job.value.experiment]
    const latest = experiments.value[0]?.id
    return latest === undefined ? [] : [latest]
  })

  /** What the checkpoint of a result is called, as far as the project still has it. */
  function titleOf({ checkpoint, checkpointName }: Pick<Result, 'checkpoint' | 'checkpointName'>): string {
    const found = checkpoints.value.find(({ id }) => id === checkpoint)
    return found === undefined ? (checkpointName ?? checkpoint) : checkpointTitle(found, experiments.value)
  }

  async function refresh(): Promise<void> {
    if (!project.current) return
    try {
      const [rows, files, deleted] = await Promise.all([
        client.experiments.list(),
        client.checkpoints.list(),
        client.deletions.list(),
      ])
      experiments.value = rows
      checkpoints.value = files
      deletions.value = deleted
      isLoaded.value = true
      chosen.value = chosen.value.filter((id) => rows.some((row) => row.id === id))
    } catch (thrown) {
      if (!project.disconnected) useNotices().report(thrown, () => void refresh())
    }
  }

  watch(
    () => project.current?.folder,
    () => {
      wishes.value = { ...usual }
      isLoaded.value = false
      experiments.value = []
      checkpoints.value = []
      deletions.value = []
      chosen.value = []
      void refresh()
    },
    { immediate: true },
  )
  // What began, ended or went on elsewhere is another row, or another state of one.
  watch(
    () => jobs.list.map(({ id, kind, state, experiment }) => [id, kind, state, experiment].join()).join(';'),
    () => void refresh(),
  )

  async function start(): Promise<void> {
    await begin(() => client.training.start(wishes.value))
  }

  async function resume(experiment: string): Promise<void> {
    await begin(() => client.training.resume({ experiment }))
  }

  async function begin(ask: () => Promise<unknown>): Promise<void> {
    isStarting.value = true
    try {
      await ask()
      chosen.value = []
    } catch (thrown) {
      useNotices().report(thrown)
    } finally {
      isStarting.value = false
    }
  }

  /** Shows an experiment in the curves, or takes it out. */
  function toggle(id: string): void {
    const rest = shown.value.filter((each) => each !== id)
    chosen.value = rest.length < shown.value.length ? rest : [...shown.value, id]
  }

  /** Takes an experiment's settings for the next training. */
  async function duplicate(experiment: string): Promise<void> {
    try {
      const { wishes: earlier } = await client.experiments.details({ id: experiment })
      wishes.value = { ...earlier, minutes: earlier.minutes ?? wishes.value.minutes }
      useNotices().say('Its settings are taken for the next training.')
    } catch (thrown) {
      useNotices().report(thrown)
    }
  }

  /** Hides it, and offers to bring it back. @param title what it is called on the screen */
  async function remove(item: DeletedItem, title: string): Promise<void> {
    const { kind, id } = item
    try {
      await client.deletions.delete({ kind, id })
      const { start } = wishes.value
      if (start.kind === 'checkpoint' && (start.checkpoint === id || start.checkpoint.startsWith(`${id}-`))) {
        wishes.value = { ...wishes.value, start: usual.start }
      }
      useNotices().say(`Deleted: ${title}.`, () => void restore(item))
    } catch (thrown) {
      useNotices().report(thrown)
    }
    await refresh()
  }

  async function restore(...items: readonly DeletedItem[]): Promise<void> {
    try {
      for (const { kind, id } of items) await client.deletions.restore({ kind, id })
    } catch (thrown) {
      useNotices().report(thrown)
    }
    await refresh()
  }

  function startFrom(checkpoint: string): void {
    wishes.value = { ...wishes.value, start: { kind: 'checkpoint', checkpoint } }
    useNotices().say('The next training starts from this checkpoint.')
  }

  return {
    wishes,
    experiments,
    checkpoints,
    deletions,
    isLoaded,
    chosen,
    isStarting,
    job,
    isAtWork,
    shown,
    titleOf,
    refresh,
    start,
    resume,
    toggle,
    duplicate,
    remove,
    restore,
    startFrom,
  }
})
