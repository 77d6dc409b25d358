import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Checkpoint } from '../../../preload/contract/experiments.ts'
import type { Problem } from '../../../preload/contract/base.ts'
import { type LabelFormat, objectFormats } from '../../../preload/contract/label-formats.ts'
import type { Result } from '../../../preload/contract/results.ts'
import type { SegmentationRequest, Splitting } from '../../../preload/contract/segmentation.ts'
import { client } from '../../connection/client.ts'
import { useJobs } from '../../stores/jobs.ts'
import { problemOf } from '../../stores/problems.ts'
import { useProject } from '../../stores/project.ts'

export type WhatKind = SegmentationRequest['what']['kind']

/** What a person chose to have segmented, and what is being made of it. Kept while other pages are shown. */
export const useSegmentation = defineStore('segmentation', () => {
  const project = useProject()
  const jobs = useJobs()

  /** Selected on the Images page. */
  const selectedImages = shallowRef<readonly number[]>([])
  const whatKind = ref<WhatKind>('project')
  /** To be segmented, where it is a folder. */
  const folder = ref('')
  const checkpoints = shallowRef<Checkpoint[]>()
  const checkpoint = ref<string>()
  const outFolder = ref('')
  /** What was proposed last: a folder that the person wrote stays. */
  let proposed = ''
  const probabilities = ref(false)
  const overlays = ref(true)
  const measurements = ref(true)
  const flips = ref(false)
  /** For other programs, besides the label maps. */
  const formats = ref<readonly LabelFormat[]>([])
  const splitting = ref<Splitting>([])
  /** Whether objects are told apart in what is written, so that it matters how they are split. */
  const hasObjects = computed(
    () => measurements.value || formats.value.some((format) => objectFormats.includes(format)),
  )
  /** Of the chosen checkpoint's network, the background first. */
  const classNames = shallowRef<readonly string[]>([])
  const results = shallowRef<Result[]>([])
  const problem = shallowRef<Problem>()
  const isStarting = ref(false)

  /** The one that was started last, as long as it is on the list. */
  const job = computed(() => jobs.list.find(({ kind }) => kind === 'segmentation'))
  const chosenCheckpoint = computed(() => checkpoints.value?.find(({ id }) => id === checkpoint.value))

  const what = computed<SegmentationRequest['what'] | undefined>(() => {
    if (whatKind.value === 'project') {
      return project.imageIds.length > 0 ? { kind: 'project' } : undefined
    }
    if (whatKind.value === 'folder') {
      return folder.value === '' ? undefined : { kind: 'folder', folder: folder.value }
    }
    const ids = selectedImages.value.filter((id) => project.images.has(id))
    return ids.length > 0 ? { kind: 'images', ids } : undefined
  })
  /** What the button would do; undefined where something is still to be chosen. */
  const request = computed<SegmentationRequest | undefined>(() => {
    const folderName = outFolder.value.trim()
    const { value: images } = what
    const { value: network } = chosenCheckpoint
    if (images === undefined || network === undefined || folderName === '') return undefined
    return {
      what: images,
      checkpoint: network.id,
      outFolder: folderName,
      probabilities: probabilities.value,
      overlays: overlays.value,
      measurements: measurements.value,
      flips: flips.value,
      formats: [...formats.value],
      splitting: hasObjects.value ? splitting.value.map((each) => ({ ...each })) : [],
      overwrite: false,
    }
  })

  watch(
    () => project.current?.folder,
    () => {
      checkpoints.value = undefined
      checkpoint.value = undefined
      selectedImages.value = []
      folder.value = outFolder.value = proposed = ''
      whatKind.value = 'project'
      results.value = []
      splitting.value = []
      classNames.value = []
      problem.value = undefined
    },
  )

  /** Asks for checkpoints and results as they are now. */
  async function load(): Promise<void> {
    try {
      const [listed, made] = await Promise.all([client.checkpoints.list(), client.results.list()])
      checkpoints.value = listed
      results.value = made
      if (chosenCheckpoint.value === undefined) checkpoint.value = preselected(listed)?.id
    } catch (thrown) {
      problem.value = problemOf(thrown)
    }
  }

  async function propose(): Promise<void> {
    if (checkpoint.value === undefined) return
    try {
      const suggested = await client.segmentation.suggest({ checkpoint: checkpoint.value })
      classNames.value = suggested.classNames
      splitting.value = splitting.value.filter(({ classIndex }) => classIndex < suggested.classNames.length)
      const isMine = outFolder.value !== '' && outFolder.value !== proposed
      proposed = suggested.folder
      if (whatKind.value === 'folder' && folder.value !== '') proposed = within(proposed, folder.value)
      if (!isMine) outFolder.value = proposed
    } catch (thrown) {
      problem.value = problemOf(thrown)
    }
  }
  watch([checkpoint, whatKind, folder], () => void propose())

  /** Starts it; what is done already of the same is skipped. */
  async function start(wanted: SegmentationRequest): Promise<void> {
    isStarting.value = true
    problem.value = undefined
    try {
      const before = job.value
      await client.segmentation.start(wanted)
      if (before !== undefined && ['finished', 'stopped', 'failed', 'cancelled'].includes(before.state)) {
        await jobs.control('dismiss', before.id)
      }
    } catch (thrown) {
      problem.value = problemOf(thrown)
    } finally {
      isStarting.value = false
    }
  }

  return {
    selectedImages,
    whatKind,
    folder,
    checkpoints,
    checkpoint,
    outFolder,
    probabilities,
    overlays,
    measurements,
    flips,
    formats,
    hasObjects,
    splitting,
    classNames,
    results,
    problem,
    isStarting,
    job,
    request,
    load,
    start,
  }
})

/** The best of the newest training; else the newest of all. */
function preselected(checkpoints: readonly Checkpoint[]): Checkpoint | undefined {
  const there = checkpoints.filter(({ missing }) => !missing)
  return there.find(({ kind }) => kind === 'best') ?? there[0]
}

/** A folder in another, named as a third. */
function within(outer: string, named: string): string {
  const name = named.split(/[/\\]/).findLast((part) => part !== '') ?? ''
  return `${outer}${outer.includes('\\') ? '\\' : '/'}${name}`
}
