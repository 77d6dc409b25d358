import type { Migration } from '../migrate.ts'

/**
 * Stacks are read by the axes that their files name. Those of earlier versions were pages in the file's order: they stay so, as their
 * labels were painted on such pages, until a person chooses other axes.
 */
export const stackAxes: Migration = {
  number: 60,
  name: 'stack axes',
  apply(connection) {
    connection.execute(`
      UPDATE images SET path = path || '?axes=zyx', fingerprint = fingerprint || '?axes=zyx' WHERE pages > 1;`)
  },
}
