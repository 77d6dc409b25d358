import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'
import type { Point } from './camera.ts'
import type { ViewerPointer } from './viewer-events.ts'

/** Notches of a wheel that double the size. */
const NOTCHES_PER_DOUBLING = 3
/** `deltaY` of a notch, as browsers count it in CSS pixels. */
const PIXELS_PER_NOTCH = 100
const LINES_PER_NOTCH = 3

export interface PointerActions {
  toImage(at: Point): Point
  pan(by: Point): void
  zoom(factor: number, at: Point): void
  toolWheel(notches: number): void
  strokeStart(pointer: ViewerPointer): void
  strokeMove(pointers: ViewerPointer[]): void
  strokeEnd(pointer: ViewerPointer): void
  strokeCancel(): void
  /** @param at undefined: the pointer left */
  hover(at: Point | undefined): void
  /** What the main button does. */
  mainButton(): 'tool' | 'pan'
}

/**
 * Tells apart what a pointer over the element means: moving the image (middle button, Space held, two fingers), making it
 * larger (wheel, pinch), or a stroke of the tool. Coordinates are CSS pixels from the element's upper left corner, inside its border.
 */
export function usePointer(
  element: Ref<HTMLElement | null>,
  actions: PointerActions,
): { panning: Ref<boolean>; spaceHeld: Ref<boolean> } {
  const panning = ref(false)
  const spaceHeld = ref(false)
  /** Where each pointer that is down was last. */
  const down = new Map<number, Point>()
  let strokePointer: number | undefined

  const place = (event: MouseEvent): Point => placeIn(element.value as HTMLElement, event)

  const toViewerPointer = (event: PointerEvent): ViewerPointer => ({
    ...actions.toImage(place(event)),
    pressure: event.pointerType === 'mouse' ? 0.5 : event.pressure,
    kind: event.pointerType === 'pen' || event.pointerType === 'touch' ? event.pointerType : 'mouse',
    button: event.button,
    shift: event.shiftKey,
    alt: event.altKey,
    control: event.ctrlKey || event.metaKey,
    time: event.timeStamp,
  })

  function onPointerDown(event: PointerEvent): void {
    const isFurther = down.size > 0
    const host = element.value as HTMLElement
    if (isFurther && event.pointerType !== 'touch') return
    host.setPointerCapture(event.pointerId)
    host.focus({ preventScroll: true })
    down.set(event.pointerId, place(event))
    if (isFurther) {
      // A second finger: what the first began was no stroke.
      cancelStroke()
      panning.value = true
    } else if (
      event.button === 1 ||
      spaceHeld.value ||
      (event.button === 0 && actions.mainButton() === 'pan')
    ) {
      event.preventDefault()
      panning.value = true
    } else {
      strokePointer = event.pointerId
      actions.strokeStart(toViewerPointer(event))
    }
  }

  function onPointerMove(event: PointerEvent): void {
    const at = place(event)
    actions.hover(at)
    const before = down.get(event.pointerId)
    if (before === undefined) return
    if (event.pointerId === strokePointer) {
      const events = event.getCoalescedEvents()
      actions.strokeMove((events.length > 0 ? events : [event]).map(toViewerPointer))
    } else if (panning.value) {
      moveImage(event.pointerId, before, at)
    }
    down.set(event.pointerId, at)
  }

  function moveImage(moved: number, before: Point, at: Point): void {
    const other = [...down].find(([pointer]) => pointer !== moved)?.[1]
    if (other === undefined) {
      actions.pan({ x: at.x - before.x, y: at.y - before.y })
      return
    }
    const middle = { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 }
    actions.pan({ x: (at.x - before.x) / 2, y: (at.y - before.y) / 2 })
    const apart = distance(before, other)
    if (apart > 0) actions.zoom(distance(at, other) / apart, middle)
  }

  function onPointerUp(event: PointerEvent): void {
    if (!down.delete(event.pointerId)) return
    if (event.pointerId === strokePointer) {
      strokePointer = undefined
      actions.strokeEnd(toViewerPointer(event))
    }
    if (down.size === 0) panning.value = false
  }

  function onPointerCancel(event: PointerEvent): void {
    if (!down.delete(event.pointerId)) return
    if (event.pointerId === strokePointer) cancelStroke()
    if (down.size === 0) panning.value = false
  }

  function cancelStroke(): void {
    if (strokePointer === undefined) return
    strokePointer = undefined
    actions.strokeCancel()
  }

  function onWheel(event: WheelEvent): void {
    event.preventDefault()
    // With Shift some systems turn the wheel sideways.
    const delta = event.deltaY === 0 ? event.deltaX : event.deltaY
    const isPixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL
    const notches = -delta / (isPixels ? PIXELS_PER_NOTCH : LINES_PER_NOTCH)
    if (event.shiftKey) actions.toolWheel(notches)
    else actions.zoom(2 ** (notches / NOTCHES_PER_DOUBLING), place(event))
  }

  function onSpace(event: KeyboardEvent): void {
    if (event.code !== 'Space') return
    if (event.type === 'keyup') {
      if (!spaceHeld.value) return
      spaceHeld.value = false
    } else {
      const host = element.value
      const focused = document.activeElement
      const isElsewhere = focused !== host && focused !== document.body && focused?.matches(':focus-visible')
      // A control that was reached by keys, or is written in, keeps its Space.
      if (host === null || !host.matches(':hover') || isElsewhere === true) return
      spaceHeld.value = true
    }
    event.preventDefault()
  }

  function releaseSpace(): void {
    spaceHeld.value = false
  }

  const onPointerLeave = (): void => actions.hover(undefined)
  const onContextMenu = (event: Event): void => event.preventDefault()

  const listeners = {
    pointerdown: onPointerDown,
    pointermove: onPointerMove,
    pointerup: onPointerUp,
    pointercancel: onPointerCancel,
    pointerleave: onPointerLeave,
    contextmenu: onContextMenu,
  }

  onMounted(() => {
    const host = element.value as HTMLElement
    for (const [name, listener] of Object.entries(listeners))
      host.addEventListener(name, listener as EventListener)
    host.addEventListener('wheel', onWheel, { passive: false })
    window.addEventListener('keydown', onSpace, { capture: true })
    window.addEventListener('keyup', onSpace, { capture: true })
    window.addEventListener('blur', releaseSpace)
  })
  // The element goes with its listeners; the window stays.
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', onSpace, { capture: true })
    window.removeEventListener('keyup', onSpace, { capture: true })
    window.removeEventListener('blur', releaseSpace)
  })

  return { panning, spaceHeld }
}

/** Where an event happened: CSS pixels from the element's upper left corner, inside its border. */
export function placeIn(element: HTMLElement, { clientX, clientY }: MouseEvent): Point {
  const { left, top } = element.getBoundingClientRect()
  return { x: clientX - left - element.clientLeft, y: clientY - top - element.clientTop }
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y)
}
