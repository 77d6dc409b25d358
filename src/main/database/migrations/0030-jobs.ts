import type { Migration } from '../migrate.ts'

/** Long work over files other than training. Its progress is what its items say. */
export const jobs: Migration = {
  number: 30,
  name: 'jobs',
  apply(connection) {
    connection.execute(`
      CREATE TABLE jobs (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN
          ('running', 'finished', 'failed', 'cancelled', 'interrupted')),
        specification TEXT NOT NULL,
        error TEXT,
        created TEXT NOT NULL,
        updated TEXT NOT NULL
      ) STRICT;

      CREATE TABLE job_items (
        job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        file TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('waiting', 'done', 'failed')),
        error TEXT,
        output TEXT,
        PRIMARY KEY (job, file)
      ) STRICT, WITHOUT ROWID;`)
  },
}
