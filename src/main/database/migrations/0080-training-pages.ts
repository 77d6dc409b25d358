import type { Migration } from '../migrate.ts'

/** Experiments learn from any page of a stack; those of earlier versions learnt from the first. */
export const trainingPages: Migration = {
  number: 80,
  name: 'training pages',
  apply(connection) {
    connection.execute(`
      CREATE TABLE experiment_pages (
        experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
        image INTEGER NOT NULL REFERENCES images (id),
        page INTEGER NOT NULL DEFAULT 0 CHECK (page >= 0),
        label_file INTEGER REFERENCES label_files (id),
        split TEXT NOT NULL CHECK (split IN ('training', 'validation')),
        image_fingerprint TEXT NOT NULL,
        label_fingerprint TEXT,
        PRIMARY KEY (experiment, image, page),
        CHECK ((label_file IS NULL) = (label_fingerprint IS NULL))
      ) STRICT, WITHOUT ROWID;
      INSERT INTO experiment_pages
        SELECT experiment, image, 0, label_file, split, image_fingerprint, label_fingerprint FROM experiment_images;
      DROP TABLE experiment_images;
      ALTER TABLE experiment_pages RENAME TO experiment_images;`)
  },
}
