import type { Migration } from '../migrate.ts'
import { projectAndImages } from './0010-project-and-images.ts'
import { experiments } from './0020-experiments.ts'
import { jobs } from './0030-jobs.ts'
import { labelling } from './0040-labelling.ts'
import { results } from './0050-results.ts'
import { stackAxes } from './0060-stack-axes.ts'
import { deletion } from './0070-deletion.ts'
import { trainingPages } from './0080-training-pages.ts'

/** In the order of their numbers. */
export const migrations: readonly Migration[] = [
  projectAndImages,
  experiments,
  jobs,
  labelling,
  results,
  stackAxes,
  deletion,
  trainingPages,
]

export const newestVersion = Math.max(...migrations.map((migration) => migration.number))
