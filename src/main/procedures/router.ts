import { about } from './about.ts'
import { classes } from './classes.ts'
import { deletions } from './deletions.ts'
import { engines } from './engines.ts'
import { checkpoints, experiments } from './experiments.ts'
import { folders } from './folders.ts'
import { images } from './images.ts'
import { procedures } from './implementer.ts'
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

/** The whole contract, implemented: both doors serve it, over a WebSocket and over a MessagePort. */
export const router = procedures.router({
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
})
