import type { Desktop } from '../preload/contract/desktop.ts'

declare global {
  interface Window {
    /** At the desktop only. */
    segscope?: Desktop
  }
}
