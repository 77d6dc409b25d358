import { useProject } from '../stores/project.ts'
import type { ShortcutHandlers } from '../stores/keymap.ts'
import { BACKGROUND } from './label-values.ts'
import { useLabelling } from './labelling-store.ts'

/** What keys do while labelling: tools, brush, classes, undo and redo, the overlay. */
export function labellingShortcuts(): ShortcutHandlers {
  const labelling = useLabelling()
  const project = useProject()

  const classWithKey = (key: string) => () => {
    const found = project.classes.find((each) => each.key === key)
    if (found !== undefined) labelling.chooseClass(found.value)
  }

  return {
    'tool.brush': () => labelling.chooseTool('brush'),
    'tool.erase': () => labelling.chooseTool('erase'),
    'tool.fill': () => labelling.chooseTool('fill'),
    'tool.pick': () => labelling.chooseTool('pick'),
    'tool.polygon': () => labelling.chooseTool('polygon'),
    'tool.lasso': () => labelling.chooseTool('lasso'),
    'tool.flood': () => labelling.chooseTool('flood'),
    'tool.rectangle': () => labelling.chooseTool('rectangle'),
    'tool.take': () => labelling.chooseTool('take'),
    'tool.take-brush': () => labelling.chooseTool('take-brush'),
    'brush.smaller': () => labelling.resizeBrush(-1),
    'brush.larger': () => labelling.resizeBrush(1),
    'class.1': classWithKey('1'),
    'class.2': classWithKey('2'),
    'class.3': classWithKey('3'),
    'class.4': classWithKey('4'),
    'class.5': classWithKey('5'),
    'class.6': classWithKey('6'),
    'class.7': classWithKey('7'),
    'class.8': classWithKey('8'),
    'class.9': classWithKey('9'),
    'class.background': () => labelling.chooseClass(BACKGROUND),
    'class.previous': () => labelling.choosePreviousClass(),
    'labels.undo': () => labelling.undo(),
    'labels.redo': () => labelling.redo(),
    'overlay.toggle': () => (labelling.hidden = !labelling.hidden),
  }
}
