/**
 * Names of pressed keys: modifiers in the order Ctrl, Control, Alt, Shift, Meta, then the key, as in `Ctrl+Shift+Z`.
 * `Ctrl` is the Command key on macOS, whose own Control key is `Control`.
 */

const ofApple = /mac|iphone|ipad/i.test(navigator.platform)

const namedKeys: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
}
const modifierKeys = new Set(['Control', 'Shift', 'Alt', 'AltGraph', 'Meta', 'CapsLock', 'Dead', 'Process'])

/** The parts of a KeyboardEvent that name what was pressed. */
export type KeyPress = Pick<
  KeyboardEvent,
  'key' | 'code' | 'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey' | 'getModifierState'
>

/**
 * What a key press may be called, the best name first: by the character that it writes and, where the keyboard's layout
 * writes another (Cyrillic letters, the digits of a French keyboard), by the place of the key. Empty for a modifier alone.
 */
export function shortcutsOf(event: KeyPress, apple = ofApple): string[] {
  if (modifierKeys.has(event.key)) return []
  const names = [named(event, event.key, apple)]
  const placed = /^(?:Key|Digit)(.)$/.exec(event.code)?.[1]
  const isWritten = /^[a-z0-9]$/i.test(event.key)
  if (placed !== undefined && !isWritten) names.push(named(event, placed, apple))
  return names
}

function named(event: KeyPress, key: string, apple: boolean): string {
  const isCharacter = key.length === 1 && key !== ' '
  const isLetter = isCharacter && key.toLowerCase() !== key.toUpperCase()
  // To write [ or ? some layouts need Shift, AltGr or Option: then these belong to the character.
  const writes = isCharacter && !isLetter && key === event.key && !/[0-9]/.test(key)
  const hasAltGraph = event.getModifierState('AltGraph')
  const command = apple ? event.metaKey : event.ctrlKey && !hasAltGraph
  const modifiers = [
    command && 'Ctrl',
    apple && event.ctrlKey && 'Control',
    event.altKey && !hasAltGraph && !(apple && writes) && 'Alt',
    event.shiftKey && !writes && 'Shift',
    !apple && event.metaKey && 'Meta',
  ]
  return [
    ...modifiers.filter((each) => each !== false),
    namedKeys[key] ?? (isLetter ? key.toUpperCase() : key),
  ].join('+')
}

const appleSigns: Readonly<Record<string, string>> = { Ctrl: '⌘', Control: '⌃', Alt: '⌥', Shift: '⇧' }
const signs: Readonly<Record<string, string>> = { Left: '←', Right: '→', Up: '↑', Down: '↓' }

/** The parts of a shortcut as this computer's keyboard shows them. */
export function shortcutParts(shortcut: string, apple = ofApple): string[] {
  // `Ctrl++` is Ctrl and +.
  const parts = shortcut.split(/\+(?=.)/)
  return parts.map((part) => (apple ? appleSigns[part] : undefined) ?? signs[part] ?? part)
}

/** `Ctrl+Shift+Z`, or `⌘⇧Z` on macOS. */
export function shortcutText(shortcut: string, apple = ofApple): string {
  return shortcutParts(shortcut, apple).join(apple ? '' : '+')
}

const typedInto = 'textarea, select, [contenteditable=""], [contenteditable="true"], [role="textbox"]'
const clickedInputs = new Set(['button', 'checkbox', 'color', 'radio', 'range', 'reset', 'submit'])
const keysOfControls = new Set([
  'Space',
  'Enter',
  'Left',
  'Right',
  'Up',
  'Down',
  'Home',
  'End',
  'PageUp',
  'PageDown',
])
/** Each of these takes the keyboard for itself while it is open. */
const layers = '[role="dialog"], [role="alertdialog"], [role="menu"]'
/** Keys that a control with the focus needs: pressing it, and moving within it. */
const controls =
  'button, a, input, summary, [role="slider"], [role="tab"], [role="switch"], [role="grid"], [role="listbox"]'

/** Whether a key press belongs to what has the focus: a field being typed into, an open dialog, a slider being moved. */
export function belongsToControl(target: EventTarget | null, shortcuts: readonly string[]): boolean {
  if (!(target instanceof Element)) return false
  if (target.closest(layers) !== null || target.closest(typedInto) !== null) return true
  if (target instanceof HTMLInputElement && !clickedInputs.has(target.type)) return true
  const control = target.closest(controls)
  if (control === null) return false
  const isButton = control.matches('button, a, summary')
  return shortcuts.some((name) =>
    isButton ? name === 'Space' || name === 'Enter' : keysOfControls.has(name),
  )
}
