import type { Requests } from '../preload/contract.ts'

declare global {
  interface Window {
    segscope: Requests
  }
}
