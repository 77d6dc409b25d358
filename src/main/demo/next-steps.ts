import { relative } from 'node:path'
import { shellWord } from '../terminal/shell-word.ts'
import type { SampleProject } from './write-sample-project.ts'

export interface NextStep {
  purpose: string
  /** To be copied; what is in capitals is to be filled in. */
  command: string
}

/** What to do with a demo's result, as commands for the folder that the demo was started in. */
export function nextSteps(
  projectFolder: string,
  checkpoint: string,
  { imagesFolder, truthFolder }: SampleProject,
): NextStep[] {
  const project = shellWord(shortPath(projectFolder))
  return [
    {
      purpose: 'Train on your own images and the label maps that you painted (Fiji, napari, ilastik)',
      command: 'npx segscope train --images MY_IMAGES --labels MY_LABELS --project my-project --minutes 10',
    },
    {
      purpose: 'Segment your own folder with it; EXPERIMENT is the name that training prints',
      command:
        'npx segscope segment --images MY_IMAGES --project my-project --checkpoint EXPERIMENT --out my-masks',
    },
    {
      purpose: "Check the demo's Dice yourself",
      command: `npx segscope evaluate --images ${shellWord(shortPath(imagesFolder))} --labels ${shellWord(shortPath(truthFolder))} --label-values classes --project ${project} --checkpoint ${checkpoint}`,
    },
    {
      purpose: 'See all that this demo has trained',
      command: `npx segscope checkpoints --project ${project}`,
    },
  ]
}

/** Relative to the working folder, where the path is inside it. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') || short === '' ? path : short
}
