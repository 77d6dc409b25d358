/** What keys can do. Every key can be changed; nothing destructive sits on a single one. */
export interface Action {
  title: string
  group: 'Tools' | 'Brush' | 'Classes' | 'Labels' | 'Review' | 'View' | 'Images' | 'Window'
  /** The usual keys, by the names of `./shortcuts.ts`. */
  keys: readonly string[]
}

function classWithKey(digit: string): Action {
  return { title: `Class with the key ${digit}`, group: 'Classes', keys: [digit] }
}

const list = {
  'tool.brush': { title: 'Paint', group: 'Tools', keys: ['P', 'B'] },
  'tool.erase': { title: 'Erase (or hold Alt)', group: 'Tools', keys: ['E'] },
  'tool.fill': { title: 'Fill a closed region', group: 'Tools', keys: ['F'] },
  'tool.pick': { title: 'Pick the class under the cursor', group: 'Tools', keys: ['L'] },
  'tool.polygon': { title: 'Polygon', group: 'Tools', keys: ['G'] },
  'tool.lasso': { title: 'Lasso', group: 'Tools', keys: ['S'] },
  'tool.flood': { title: 'Flood similar values', group: 'Tools', keys: ['W'] },
  'tool.rectangle': { title: 'Rectangle', group: 'Tools', keys: ['R'] },
  'tool.take': { title: 'Accept a predicted region', group: 'Tools', keys: ['T'] },
  'tool.take-brush': { title: 'Accept the prediction by brush', group: 'Tools', keys: ['Shift+B'] },
  'brush.smaller': { title: 'Smaller brush (or Shift+wheel)', group: 'Brush', keys: ['['] },
  'brush.larger': { title: 'Larger brush (or Shift+wheel)', group: 'Brush', keys: [']'] },
  'class.1': classWithKey('1'),
  'class.2': classWithKey('2'),
  'class.3': classWithKey('3'),
  'class.4': classWithKey('4'),
  'class.5': classWithKey('5'),
  'class.6': classWithKey('6'),
  'class.7': classWithKey('7'),
  'class.8': classWithKey('8'),
  'class.9': classWithKey('9'),
  'class.background': { title: 'Background', group: 'Classes', keys: ['0'] },
  'class.previous': { title: 'Class used before', group: 'Classes', keys: ['X'] },
  'labels.undo': { title: 'Undo', group: 'Labels', keys: ['Ctrl+Z'] },
  'labels.redo': { title: 'Redo', group: 'Labels', keys: ['Ctrl+Y', 'Ctrl+Shift+Z'] },
  'labels.copy-previous': {
    title: 'Copy the labels of the frame before',
    group: 'Labels',
    keys: ['Ctrl+Shift+V'],
  },
  'prediction.accept-visible': {
    title: 'Accept all that is predicted in view',
    group: 'Labels',
    keys: ['Shift+T'],
  },
  'prediction.toggle': { title: 'Show or hide the predicted classes', group: 'View', keys: ['Q'] },
  'prediction.toggle-uncertainty': {
    title: 'Show or hide where the prediction is unsure',
    group: 'View',
    keys: ['Shift+Q'],
  },
  'review.accept': { title: 'Accept the result', group: 'Review', keys: ['Y'] },
  'review.reject': { title: 'Reject the result', group: 'Review', keys: ['N'] },
  'review.correct': { title: 'Correct the result on the Label page', group: 'Review', keys: ['K'] },
  'review.next-unseen': { title: 'Next unseen result', group: 'Review', keys: ['U'] },
  'review.grid': { title: 'Results as a grid, or one by one', group: 'Review', keys: ['O'] },
  'overlay.toggle': { title: 'Show or hide the labels', group: 'View', keys: ['V'] },
  'contrast.automatic': { title: 'Automatic contrast', group: 'View', keys: ['C'] },
  'view.fit': { title: 'Fit the image in the window', group: 'View', keys: ['Ctrl+0'] },
  'view.one-to-one': { title: 'One image pixel a screen pixel', group: 'View', keys: ['Ctrl+1'] },
  'view.zoom-in': { title: 'Zoom in (or wheel)', group: 'View', keys: ['+', '=', 'Ctrl++', 'Ctrl+='] },
  'view.zoom-out': { title: 'Zoom out (or wheel)', group: 'View', keys: ['-', 'Ctrl+-'] },
  'image.previous': { title: 'Previous image', group: 'Images', keys: ['A', 'Left'] },
  'image.next': { title: 'Next image', group: 'Images', keys: ['D', 'Right'] },
  'images.select-all': { title: 'Select all images (Images page)', group: 'Images', keys: ['Ctrl+A'] },
  'images.search': { title: 'Search images (Images page)', group: 'Images', keys: ['Ctrl+F'] },
  'panels.toggle': { title: 'Fold the side panels away, or back', group: 'Window', keys: ['Ctrl+\\'] },
  'go.images': { title: 'Images', group: 'Window', keys: ['Alt+1'] },
  'go.label': { title: 'Label', group: 'Window', keys: ['Alt+2'] },
  'go.train': { title: 'Train', group: 'Window', keys: ['Alt+3'] },
  'go.segment': { title: 'Segment', group: 'Window', keys: ['Alt+4'] },
  'go.review': { title: 'Review', group: 'Window', keys: ['Alt+5'] },
  'go.settings': { title: 'Settings', group: 'Window', keys: ['Ctrl+,'] },
  'help.page': { title: 'Help for this page', group: 'Window', keys: ['?', 'F1'] },
  'help.keys': { title: 'Show the keys', group: 'Window', keys: ['Ctrl+/', 'Shift+F1'] },
} satisfies Record<string, Action>

export type ActionName = keyof typeof list
export const actions: Readonly<Record<ActionName, Action>> = list
export const actionNames = Object.keys(list) as ActionName[]
