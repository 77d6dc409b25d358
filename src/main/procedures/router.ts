import { about } from './about.ts'
import { classes } from './classes.ts'
import { folders } from './folders.ts'
import { images } from './images.ts'
import { procedures } from './implementer.ts'
import { labels } from './labels.ts'
import { projects } from './projects.ts'
import { settings } from './settings.ts'

/** The whole contract, implemented: both doors serve it, over a WebSocket and over a MessagePort. */
export const router = procedures.router({ about, projects, classes, images, labels, folders, settings })
