import type { Migration } from '../migrate.ts'

/** Paths are relative to the project folder where they lie inside it, absolute otherwise. Times are ISO 8601, UTC. */
export const projectAndImages: Migration = {
  number: 10,
  name: 'project and images',
  apply(connection) {
    connection.execute(`
      CREATE TABLE project (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        name TEXT NOT NULL,
        created TEXT NOT NULL
      ) STRICT;

      CREATE TABLE classes (
        value INTEGER PRIMARY KEY CHECK (value BETWEEN 0 AND 254),
        name TEXT NOT NULL,
        colour TEXT NOT NULL
      ) STRICT;

      CREATE TABLE images (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        fingerprint TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        channels INTEGER NOT NULL,
        pages INTEGER NOT NULL,
        sample_type TEXT NOT NULL,
        missing INTEGER NOT NULL DEFAULT 0 CHECK (missing IN (0, 1)),
        added TEXT NOT NULL
      ) STRICT;
      CREATE INDEX images_by_fingerprint ON images (fingerprint);

      CREATE TABLE label_files (
        id INTEGER PRIMARY KEY,
        image INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        label_values TEXT NOT NULL CHECK (label_values IN ('classes', 'binary', 'zero-unlabelled')),
        fingerprint TEXT NOT NULL,
        UNIQUE (image, path)
      ) STRICT;`)
  },
}
