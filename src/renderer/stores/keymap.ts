import { defineStore } from 'pinia'
import { computed, onScopeDispose } from 'vue'
import { type ActionName, actionNames, actions } from './actions.ts'
import { useSettings } from './settings.ts'
import { belongsToControl, shortcutsOf, shortcutText } from './shortcuts.ts'

/** Which keys do what: the usual ones, and those that the person set instead. */
export const useKeymap = defineStore('keymap', () => {
  const settings = useSettings()

  const keys = computed(
    () =>
      new Map<ActionName, readonly string[]>(
        actionNames.map((name) => [name, settings.settings.keys[name] ?? actions[name].keys]),
      ),
  )

  /** By shortcut, the actions that share it: more than one is a conflict. */
  const actionsOfKeys = computed(() => {
    const byKey = new Map<string, ActionName[]>()
    for (const [name, shortcuts] of keys.value) {
      for (const shortcut of shortcuts) byKey.set(shortcut, [...(byKey.get(shortcut) ?? []), name])
    }
    return byKey
  })

  const conflicts = computed(
    () => new Map([...actionsOfKeys.value].filter(([, names]) => new Set(names).size > 1)),
  )

  function keysOf(name: ActionName): readonly string[] {
    return keys.value.get(name) ?? []
  }

  /** The first key as the keyboard shows it; undefined where the action has none. */
  function keyText(name: ActionName): string | undefined {
    const [first] = keysOf(name)
    return first === undefined ? undefined : shortcutText(first)
  }

  function isChanged(name: ActionName): boolean {
    return settings.settings.keys[name] !== undefined
  }

  async function setKeys(name: ActionName, shortcuts: readonly string[]): Promise<void> {
    await settings.change({ keys: { ...settings.settings.keys, [name]: [...shortcuts] } })
  }

  /** Gives an action, or all, the usual keys again. */
  async function reset(name?: ActionName): Promise<void> {
    const kept = Object.entries(settings.settings.keys).filter(
      ([each]) => name !== undefined && each !== name,
    )
    await settings.change({ keys: Object.fromEntries(kept) })
  }

  return { keysOf, keyText, isChanged, conflicts, actionsOfKeys, setKeys, reset }
})

export type ShortcutHandlers = Partial<Record<ActionName, (event: KeyboardEvent) => void>>

/** The latest first: a page's keys come before those of the window around it. */
const active: ShortcutHandlers[] = []

/** Lets keys do something while the component lives. Keys typed into fields, menus and dialogs stay theirs. */
export function useShortcuts(handlers: ShortcutHandlers): void {
  if (active.length === 0) window.addEventListener('keydown', press)
  active.unshift(handlers)
  onScopeDispose(() => {
    active.splice(active.indexOf(handlers), 1)
    if (active.length === 0) window.removeEventListener('keydown', press)
  })
}

function press(event: KeyboardEvent): void {
  const shortcuts = shortcutsOf(event)
  if (event.defaultPrevented || event.isComposing || belongsToControl(event.target, shortcuts)) return
  const { actionsOfKeys } = useKeymap()
  for (const shortcut of shortcuts) {
    for (const handlers of active) {
      const handler = actionsOfKeys
        .get(shortcut)
        ?.map((name) => handlers[name])
        .find((each) => each !== undefined)
      if (handler === undefined) continue
      event.preventDefault()
      handler(event)
      return
    }
  }
}
