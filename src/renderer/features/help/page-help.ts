import type { ActionName } from '../../stores/actions.ts'
import type { Place } from '../../stores/navigation.ts'

/** What a screen is for and how it is used: short, to be read in half a minute. */
export interface PageHelp {
  title: string
  /** What the screen is for. */
  purpose: string
  steps: readonly string[]
  /** Whose keys are shown, as they are set. */
  keys: readonly ActionName[]
}

/** By screen; `welcome` is where no project is open. */
export const pageHelp: Readonly<Record<Place | 'welcome', PageHelp>> = {
  welcome: {
    title: 'Welcome',
    purpose: 'A project keeps your labels, trainings and results in a folder of its own.',
    steps: [
      'Make a new project, or open one. To look around first, try it with sample images.',
      'Your images stay where they are and are never changed: a project only remembers where they lie.',
      'A folder of images, or of a project, can also be dropped on the window.',
    ],
    keys: ['go.settings', 'help.keys'],
  },
  images: {
    title: 'Images',
    purpose: 'The images of the project: what they hold, and which of them have labels.',
    steps: [
      'Add a folder or files; drop them here, or use Add images. Files that cannot be read are listed with the reason.',
      'Select an image to see its details and histogram on the right. Double-click it to label it.',
      'Import labels painted in Fiji, napari or ilastik, and export your own, from the toolbar.',
      'On the right, a selected image can be kept for training or for validation; otherwise that is chosen for you.',
    ],
    keys: ['images.search', 'images.select-all', 'go.label'],
  },
  label: {
    title: 'Label',
    purpose:
      'Painting examples of each class. A little on several images teaches more than one image in full.',
    steps: [
      'Add a class on the right, choose it, and paint a few of its objects.',
      'Paint some background too: what is not painted tells nothing.',
      'Every stroke is saved at once. Undo goes back as far as you like, after a restart too.',
      'Once a network is trained, show its prediction and accept what is right into your labels.',
      'Show the uncertainty too: where it is magenta the network is unsure, and a few strokes teach it most.',
    ],
    keys: [
      'tool.brush',
      'tool.erase',
      'brush.smaller',
      'brush.larger',
      'class.background',
      'labels.undo',
      'prediction.toggle',
      'prediction.toggle-uncertainty',
      'image.next',
    ],
  },
  train: {
    title: 'Train',
    purpose: 'One button makes a network from your labels.',
    steps: [
      'On the left stands what is labelled, and what is missing. Choose how long it may take, and press Train.',
      'In the middle the curves show how it learns: the loss should fall, the agreement with your labels rise.',
      'On the right you see what it makes of an image that it does not learn from; choose which.',
      'Label on meanwhile: what you paint now is for the next training.',
      'Below are all trainings with their networks (checkpoints): tick several to compare them; start the next one from any. What you delete can be brought back for a week.',
    ],
    keys: ['go.label', 'overlay.toggle', 'labels.undo', 'panels.toggle'],
  },
  segment: {
    title: 'Segment',
    purpose: 'A trained network segments many images: the whole project, or a folder.',
    steps: [
      'Choose the images, the checkpoint and what is to be written: label maps always; overlays, a table, and files for Fiji, QuPath, ilastik or napari if you like.',
      'Files that fail are listed with the reason, and the rest goes on.',
      'A run that was stopped goes on where it was. Nothing is overwritten unless you allow it.',
      'Earlier results are listed below, to be reviewed or gone on with.',
    ],
    keys: ['go.review'],
  },
  review: {
    title: 'Review',
    purpose: 'Looking at results over their images, and deciding what they are worth.',
    steps: [
      'Drag the line across the image to compare it with its result. Accept it, reject it, or correct it with the labelling tools.',
      'The grid shows all results at once, several of which can be accepted or rejected together.',
      'The table lists the objects with their sizes and intensities: a click on one shows it in the image, a click in the image finds it in the table. Tables of all images are saved on the right.',
      'Where there are labels, or masks in a folder, the agreement with them is shown class by class.',
      'Results that are right can become labels to train on.',
    ],
    keys: ['review.accept', 'review.reject', 'review.correct', 'review.next-unseen', 'review.grid'],
  },
  settings: {
    title: 'Settings',
    purpose: 'What holds on this computer, for all projects.',
    steps: [
      'Computing: which engine is used, why, and how quick it is here; TensorFlow can be installed; how many threads and how much memory may be taken.',
      'Every key can be changed; conflicts are shown.',
      'The log for a report of a problem holds no names and no pixels.',
    ],
    keys: ['go.settings', 'help.keys'],
  },
}
