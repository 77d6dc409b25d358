import type { ContractRouterClient } from '@orpc/contract'
import { about } from './about.ts'
import { classes } from './classes.ts'
import { deletions } from './deletions.ts'
import { engines } from './engines.ts'
import { checkpoints, experiments } from './experiments.ts'
import { folders } from './folders.ts'
import { images } from './images.ts'
import { jobs } from './jobs.ts'
import { labels } from './labels.ts'
import { log } from './log.ts'
import { machine } from './machine.ts'
import { predictions } from './predictions.ts'
import { projects } from './projects.ts'
import { results } from './results.ts'
import { segmentation } from './segmentation.ts'
import { session } from './session.ts'
import { settings } from './settings.ts'
import { training } from './training.ts'

/**
 * Every message between a page and the main process, once: over a MessagePort at the desktop, over a WebSocket in a
 * browser. Pixels and strokes are binary and go by `./addresses.ts` instead.
 */
export const contract = {
  about,
  projects,
  classes,
  images,
  labels,
  folders,
  settings,
  engines,
  machine,
  log,
  session,
  jobs,
  training,
  experiments,
  checkpoints,
  deletions,
  predictions,
  segmentation,
  results,
}

export type Client = ContractRouterClient<typeof contract>
