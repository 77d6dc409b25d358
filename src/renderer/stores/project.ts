import { defineStore } from 'pinia'
import { computed, ref, shallowReactive, shallowRef, watch } from 'vue'
import type { Problem } from '../../preload/contract/base.ts'
import type { LabelClass } from '../../preload/contract/classes.ts'
import type { ImageRow, RefusedFile } from '../../preload/contract/images.ts'
import type { OpenProject, ProjectEvent } from '../../preload/contract/projects.ts'
import { client } from '../connection/client.ts'
import { useNotices } from './notices.ts'

/** Changed rows are asked for together, this long after the first of them was told. */
const MILLISECONDS_TO_GATHER = 150

/** The open project as the main process knows it: kept up to date by its events. */
export const useProject = defineStore('project', () => {
  /** null: none is open; undefined: not known yet. */
  const current = ref<OpenProject | null>()
  /** In the order that the person chose. */
  const classes = shallowRef<LabelClass[]>([])
  const images = shallowReactive(new Map<number, ImageRow>())
  /** In the project's own order; `useImageList` has the order that is shown. */
  const imageIds = shallowRef<number[]>([])
  const refused = shallowRef<RefusedFile[]>([])
  /** The image that the details pane and the Label page show. */
  const selectedImage = ref<number>()
  /** Why the project was closed without being asked to. */
  const lost = ref<Problem>()
  /** The main process does not answer any more. */
  const disconnected = ref(false)

  const selectedRow = computed(() =>
    selectedImage.value === undefined ? undefined : images.get(selectedImage.value),
  )

  const listeners = new Set<(event: ProjectEvent) => void>()
  const updated = new Set<number>()

  /** Follows the project for the page's life. Resolves when what is open now is known. */
  async function start(): Promise<void> {
    const events = await client.projects.events()
    void follow(events)
    await load()
  }

  async function follow(events: AsyncIterable<ProjectEvent>): Promise<void> {
    try {
      for await (const event of events) take(event)
    } catch {
      // Whatever ended the events, this page no longer knows what happens: the banner says so, and reloading tells why.
    }
    disconnected.value = true
  }

  function take(event: ProjectEvent): void {
    if (event.kind === 'project-changed') run(load)
    else if (event.kind === 'images-changed') run(listImages)
    else if (event.kind === 'images-updated') gather(event.ids)
    else if (event.kind === 'classes-changed') run(listClasses)
    else if (event.kind === 'trouble') useNotices().tell(event.problem)
    else if (event.kind === 'project-lost') {
      lost.value = event.problem
      forget()
    }
    for (const listener of listeners) listener(event)
  }

  function run(work: () => Promise<void>): void {
    work().catch((thrown: unknown) => {
      if (!disconnected.value) useNotices().report(thrown, () => run(work))
    })
  }

  async function load(): Promise<void> {
    const before = current.value?.folder
    const opened = await client.projects.current()
    if (opened === null) {
      forget()
      return
    }
    if (opened.folder !== before) selectedImage.value = undefined
    lost.value = undefined
    await Promise.all([listImages(), listClasses()])
    current.value = opened
  }

  /** Resolves when this page has what belongs to a project that was just opened: its event makes it load that. */
  async function whenLoaded(folder: string): Promise<void> {
    if (current.value?.folder === folder) return
    await new Promise<void>((resolve) => {
      const stop = watch(current, (loaded) => {
        if (loaded?.folder !== folder) return
        stop()
        resolve()
      })
    })
  }

  function forget(): void {
    current.value = null
    classes.value = []
    images.clear()
    imageIds.value = []
    refused.value = []
    selectedImage.value = undefined
  }

  async function listImages(): Promise<void> {
    const listed = await client.images.list()
    const ids = listed.images.map(({ id }) => id)
    const present = new Set(ids)
    for (const id of images.keys()) if (!present.has(id)) images.delete(id)
    for (const row of listed.images) images.set(row.id, row)
    imageIds.value = ids
    refused.value = listed.refused
    if (selectedImage.value !== undefined && !present.has(selectedImage.value))
      selectedImage.value = undefined
  }

  async function listClasses(): Promise<void> {
    classes.value = await client.classes.list()
  }

  function gather(ids: readonly number[]): void {
    if (updated.size === 0) setTimeout(() => run(refresh), MILLISECONDS_TO_GATHER)
    for (const id of ids) updated.add(id)
  }

  async function refresh(): Promise<void> {
    const ids = [...updated].filter((id) => images.has(id))
    updated.clear()
    if (ids.length === 0) return
    for (const row of await client.images.rows({ ids })) images.set(row.id, row)
  }

  /** Tells every event of the project, after this store has taken it. Returns how to end that. */
  function onEvent(listener: (event: ProjectEvent) => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  return {
    current,
    classes,
    images,
    imageIds,
    refused,
    selectedImage,
    selectedRow,
    lost,
    disconnected,
    start,
    load,
    whenLoaded,
    onEvent,
  }
})
