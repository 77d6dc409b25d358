import { onMounted, onUnmounted, reactive, type ShallowRef } from 'vue'

/** How large a chart is, in CSS pixels, as its element is laid out: lines and letters keep their size in a wide window. */
export function useChartSize(element: Readonly<ShallowRef<HTMLElement | null>>): {
  width: number
  height: number
} {
  const size = reactive({ width: 360, height: 180 })
  const observer = new ResizeObserver(([entry]) => {
    if (entry === undefined) return
    // Where it is too low or narrow for its axes, it is cut.
    size.width = Math.max(160, Math.round(entry.contentRect.width))
    size.height = Math.max(90, Math.round(entry.contentRect.height))
  })
  onMounted(() => element.value && observer.observe(element.value))
  onUnmounted(() => observer.disconnect())
  return size
}

/** Ticks that an axis of so many pixels has room for. */
export function roomForTicks(pixels: number): number {
  return Math.max(2, Math.floor(pixels / 90))
}
