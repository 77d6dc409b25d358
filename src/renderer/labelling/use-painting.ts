import { onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import type { ImageDetails } from '../../preload/contract/images.ts'
import { useNotices } from '../stores/notices.ts'
import { belongsToControl, shortcutsOf } from '../stores/shortcuts.ts'
import type { Point } from '../viewer/camera.ts'
import type { ViewerPointer } from '../viewer/viewer-events.ts'
import { useLabelling } from './labelling-store.ts'
import type { LabelEditor } from './plane/label-editor.ts'
import { createTool } from './tools/create-tool.ts'
import { RawValues } from './tools/raw-values.ts'
import type { Outline, Tool } from './tools/tool.ts'

export interface Painted {
  details: ImageDetails
  page: number
  editor: LabelEditor
}

/** Lets the chosen tool work on what is shown: turns the viewer's pointers, and keys, into its steps. */
export function usePainting(shown: {
  painted: () => Painted
  zoom: () => number
  /** Whose values are flooded. */
  channel: () => number
}) {
  const labelling = useLabelling()
  const notices = useNotices()
  const outline = shallowRef<Outline>()
  /** Where the pointer is, in image pixels; undefined: elsewhere. */
  const pointer = shallowRef<Point>()
  const altHeld = ref(false)
  let shiftHeld = false
  let isPressed = false
  let tool: Tool | undefined

  watch(
    [() => shown.painted().editor, () => labelling.tool],
    () => {
      tool?.cancel()
      isPressed = false
      const { details, page, editor } = shown.painted()
      const values = new RawValues(details, page)
      tool = createTool(labelling.tool, {
        editor,
        paint: (erases) => labelling.paint(erases),
        brushSize: () => labelling.brushSize,
        tolerance: () => labelling.tolerance,
        setTolerance: (tolerance) => (labelling.tolerance = tolerance),
        zoom: shown.zoom,
        rawTile: (column, row) => values.tile(shown.channel(), column, row),
        suggestion: () => labelling.suggestion,
        choose: (value) => labelling.takePicked(value),
        showOutline: (shape) => (outline.value = shape),
        tell: (problem) => notices.tell(problem),
        report: (thrown) => notices.report(thrown),
      })
    },
    { immediate: true },
  )

  function onKeydown(event: KeyboardEvent): void {
    follow(event)
    if (belongsToControl(event.target, shortcutsOf(event))) return
    if (event.key === 'Escape' && tool?.cancel() === true) event.preventDefault()
    else if (event.key === 'Enter') tool?.finish?.()
    else if (event.key === 'Backspace') tool?.stepBack?.()
    // Alone, it would go to the window's menu.
    else if (event.key === 'Alt') event.preventDefault()
  }

  function follow(event: KeyboardEvent): void {
    altHeld.value = event.altKey
    shiftHeld = event.shiftKey
    if (event.key === 'Shift' && pointer.value !== undefined) tool?.hover?.(pointer.value, shiftHeld)
  }

  window.addEventListener('keydown', onKeydown)
  window.addEventListener('keyup', follow)
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', onKeydown)
    window.removeEventListener('keyup', follow)
    tool?.cancel()
  })

  return {
    outline,
    pointer,
    altHeld,
    strokeStart(at: ViewerPointer): void {
      isPressed = true
      tool?.press(at)
    },
    strokeMove(pointers: readonly ViewerPointer[]): void {
      if (isPressed) tool?.move(pointers)
    },
    strokeEnd(at: ViewerPointer): void {
      if (isPressed) tool?.release(at)
      isPressed = false
    },
    strokeCancel(): void {
      isPressed = false
      tool?.cancel()
    },
    hover(at: Point | undefined): void {
      pointer.value = at
      if (at !== undefined) tool?.hover?.(at, shiftHeld)
    },
  }
}
