import type { Migration } from '../migrate.ts'

/** What segmentations made: which label map belongs to which image and checkpoint, and what a person thinks of it. */
export const results: Migration = {
  number: 50,
  name: 'results',
  apply(connection) {
    connection.execute(`
      CREATE TABLE results (
        id INTEGER PRIMARY KEY,
        checkpoint TEXT NOT NULL,
        out_folder TEXT NOT NULL,
        request TEXT NOT NULL,
        class_names TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'stopped', 'failed', 'interrupted')),
        total INTEGER NOT NULL,
        created TEXT NOT NULL,
        updated TEXT NOT NULL,
        UNIQUE (checkpoint, out_folder)
      ) STRICT;

      CREATE TABLE result_images (
        id INTEGER PRIMARY KEY,
        result INTEGER NOT NULL REFERENCES results (id) ON DELETE CASCADE,
        image INTEGER REFERENCES images (id) ON DELETE SET NULL,
        path TEXT NOT NULL,
        labels TEXT NOT NULL UNIQUE,
        verdict TEXT NOT NULL DEFAULT 'unseen' CHECK (verdict IN ('unseen', 'accepted', 'rejected')),
        segmented TEXT NOT NULL
      ) STRICT;
      CREATE INDEX result_images_by_result ON result_images (result);
      CREATE INDEX result_images_by_image ON result_images (image);`)
  },
}
