import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Plane } from '../../preload/contract/labels.ts'
import type { ViewerSettings } from '../../preload/contract/viewer-settings.ts'
import { client } from '../connection/client.ts'
import { useNotices } from '../stores/notices.ts'
import { useProject } from '../stores/project.ts'
import type { Size } from '../viewer/camera.ts'
import { BACKGROUND, UNLABELLED } from './label-values.ts'
import { LabelEditor, type LabelService } from './plane/label-editor.ts'
import { fetchLabelTiles, sendStroke } from './plane/label-requests.ts'
import { SavingQueue } from './plane/saving-queue.ts'
import type { Paint, PaintRule } from './plane/stroke.ts'
import { StrokeEncoder } from './plane/stroke-encoder.ts'
import type { Suggestion, ToolName } from './tools/tool.ts'

/** In image pixels. */
const SMALLEST_BRUSH = 1
const LARGEST_BRUSH = 1000
/** A press of a key, or a notch of the wheel, changes the brush by this share, and by a pixel at least. */
const BRUSH_STEP = 0.15

/** How a person labels: tool, class, brush; and the strokes on their way to the disk. Kept from image to image. */
export const useLabelling = defineStore('labelling', () => {
  const project = useProject()
  const notices = useNotices()

  const tool = ref<ToolName>('brush')
  const brushSize = ref(20)
  const activeClass = ref(1)
  const previousClass = ref(BACKGROUND)
  const rule = ref<PaintRule>({ kind: 'everywhere' })
  /** Of flooding: in the image's own values. */
  const tolerance = ref(50)
  const opacity = ref(0.5)
  const style = ref<ViewerSettings['labelStyle']>('filled')
  const hidden = ref(false)
  /** The one that a picked class goes back to. */
  let toolBeforePick: ToolName = 'brush'

  const queue = new SavingQueue()
  const encoder = new StrokeEncoder()
  const service: LabelService = {
    fetchTiles: (plane, range) => fetchLabelTiles(plane, 0, range),
    saveStroke: async (plane, stroke) => await sendStroke(plane, await encoder.encode(stroke)),
    state: (plane) => client.labels.state(plane),
    undo: (plane) => client.labels.undo(plane),
    redo: (plane) => client.labels.redo(plane),
  }
  /** Those that are seen, or have strokes that are not safe yet. */
  const editors = new Map<string, LabelEditor>()
  const editor = shallowRef<LabelEditor>()
  /** Labels that are proposed for what is seen, to be taken by a click. */
  const suggestion = shallowRef<Suggestion>()

  const isSaved = computed(() => queue.pending.value === 0)
  const canUndo = computed(() => !isSaved.value || (editor.value?.state.value?.undo ?? 0) > 0)
  const canRedo = computed(() => isSaved.value && (editor.value?.state.value?.redo ?? 0) > 0)

  window.addEventListener('beforeunload', (event) => {
    if (!isSaved.value) event.preventDefault()
  })

  watch(
    () => project.current?.folder,
    () => {
      // What belongs to a project that is no longer open has no place to go to.
      queue.clear()
      editors.clear()
      const viewer = project.current?.viewer
      if (viewer === undefined) return
      brushSize.value = viewer.brushSize
      opacity.value = viewer.labelOpacity
      style.value = viewer.labelStyle
    },
    { immediate: true },
  )

  watch(
    () => project.classes.map(({ value }) => value),
    (values) => {
      if (!values.includes(activeClass.value))
        activeClass.value = values.find((value) => value !== BACKGROUND) ?? BACKGROUND
      if (rule.value.kind === 'class' && !values.includes(rule.value.value))
        rule.value = { kind: 'everywhere' }
    },
    { immediate: true },
  )

  project.onEvent((event) => {
    if (event.kind !== 'labels-changed') return
    editors.get(nameOf(event))?.changedElsewhere(event.revision)
  })

  /** Opens a plane's labels for painting; all that follows (undo, redo) is about it. */
  function open(plane: Plane, size: Size): LabelEditor {
    for (const [name, each] of editors) if (each.isSaved) editors.delete(name)
    const opened =
      editors.get(nameOf(plane)) ??
      new LabelEditor(plane, size, { service, queue, tellFailure: (thrown) => notices.report(thrown) })
    editors.set(nameOf(plane), opened)
    editor.value = opened
    return opened
  }

  function chooseTool(name: ToolName): void {
    if (name === 'pick' && tool.value !== 'pick') toolBeforePick = tool.value
    tool.value = name
  }

  /** Whoever chooses a class wants to paint it: the eraser gives way to the brush. */
  function chooseClass(value: number): void {
    if (tool.value === 'erase') tool.value = 'brush'
    if (value === activeClass.value) return
    previousClass.value = activeClass.value
    activeClass.value = value
  }

  function choosePreviousClass(): void {
    if (project.classes.some(({ value }) => value === previousClass.value)) chooseClass(previousClass.value)
  }

  /** @param picked a class, or UNLABELLED */
  function takePicked(picked: number): void {
    tool.value = toolBeforePick === 'erase' ? 'brush' : toolBeforePick
    if (picked === UNLABELLED) tool.value = 'erase'
    else chooseClass(picked)
  }

  /** @param notches upwards makes it larger */
  function resizeBrush(notches: number): void {
    const step = Math.max(1, brushSize.value * BRUSH_STEP)
    const size = Math.round(brushSize.value + notches * step)
    brushSize.value = Math.min(LARGEST_BRUSH, Math.max(SMALLEST_BRUSH, size))
  }

  function paint(erases: boolean): Paint {
    return { value: erases ? UNLABELLED : activeClass.value, rule: rule.value }
  }

  /** Drops what cannot be saved, and shows what is. */
  async function giveUpUnsaved(): Promise<void> {
    const owner = queue.giveUp()
    if (!(owner instanceof LabelEditor)) return
    await owner.giveUp().catch((thrown: unknown) => notices.report(thrown))
  }

  return {
    tool,
    brushSize,
    activeClass,
    previousClass,
    rule,
    tolerance,
    opacity,
    style,
    hidden,
    editor,
    suggestion,
    /** Changes that are not on disk yet. */
    pending: queue.pending,
    savingStatus: queue.status,
    isSaved,
    canUndo,
    canRedo,
    open,
    chooseTool,
    chooseClass,
    choosePreviousClass,
    takePicked,
    resizeBrush,
    paint,
    undo: () => editor.value?.undo(),
    redo: () => editor.value?.redo(),
    /** Resolves when every stroke is on disk, or given up. */
    whenSaved: () => queue.whenIdle(),
    tryNow: () => queue.tryNow(),
    giveUpUnsaved,
  }
})

function nameOf({ image, page }: Plane): string {
  return `${image} ${page}`
}
