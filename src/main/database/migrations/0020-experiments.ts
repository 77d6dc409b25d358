import type { Migration } from '../migrate.ts'

/** An experiment keeps the fingerprints that its images and labels had then, whatever becomes of the files. */
export const experiments: Migration = {
  number: 20,
  name: 'experiments, metrics and checkpoints',
  apply(connection) {
    connection.execute(`
      CREATE TABLE experiments (
        id TEXT PRIMARY KEY,
        status TEXT NOT NULL CHECK (status IN
          ('queued', 'running', 'finished', 'stopped', 'failed', 'cancelled', 'interrupted')),
        seed INTEGER NOT NULL,
        plan TEXT NOT NULL,
        parameters TEXT NOT NULL,
        versions TEXT NOT NULL,
        engine TEXT NOT NULL,
        created TEXT NOT NULL,
        started TEXT,
        ended TEXT,
        failure TEXT
      ) STRICT;

      CREATE TABLE experiment_images (
        experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
        image INTEGER NOT NULL REFERENCES images (id),
        label_file INTEGER REFERENCES label_files (id),
        split TEXT NOT NULL CHECK (split IN ('training', 'validation')),
        image_fingerprint TEXT NOT NULL,
        label_fingerprint TEXT,
        PRIMARY KEY (experiment, image),
        CHECK ((label_file IS NULL) = (label_fingerprint IS NULL))
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE step_metrics (
        experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
        step INTEGER NOT NULL,
        loss REAL,
        gradient_norm REAL,
        learning_rate REAL NOT NULL,
        milliseconds REAL NOT NULL,
        waited_milliseconds REAL NOT NULL,
        PRIMARY KEY (experiment, step)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE validations (
        experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
        step INTEGER NOT NULL,
        loss REAL,
        best INTEGER NOT NULL CHECK (best IN (0, 1)),
        PRIMARY KEY (experiment, step)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE validation_scores (
        experiment TEXT NOT NULL,
        step INTEGER NOT NULL,
        class INTEGER NOT NULL,
        dice REAL,
        iou REAL,
        PRIMARY KEY (experiment, step, class),
        FOREIGN KEY (experiment, step) REFERENCES validations (experiment, step) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE checkpoints (
        id TEXT PRIMARY KEY,
        experiment TEXT REFERENCES experiments (id),
        kind TEXT NOT NULL CHECK (kind IN ('best', 'last', 'imported')),
        file TEXT NOT NULL UNIQUE,
        step INTEGER NOT NULL,
        scores TEXT,
        bytes INTEGER NOT NULL,
        created TEXT NOT NULL,
        name TEXT,
        starred INTEGER NOT NULL DEFAULT 0 CHECK (starred IN (0, 1)),
        note TEXT,
        CHECK ((kind = 'imported') = (experiment IS NULL))
      ) STRICT;
      CREATE INDEX checkpoints_by_experiment ON checkpoints (experiment);`)
  },
}
