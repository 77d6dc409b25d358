import type { Component } from 'vue'
import type { ActionName } from '../stores/actions.ts'

/** One line of a menu. */
export type MenuItem =
  | 'separator'
  | {
      label: string
      icon?: Component
      /** Its key is shown. */
      action?: ActionName
      disabled?: boolean
      danger?: boolean
      select: () => void
    }
