import type { Migration } from '../migrate.ts'

/**
 * Labels painted in the application. A plane (one page of one image) has tiles of 256 x 256 class values; every change
 * is a stroke, kept as what it changed, so that it can be taken back at any time. Blobs are deflated.
 */
export const labelling: Migration = {
  number: 40,
  name: 'labelling',
  apply(connection) {
    connection.execute(`
      ALTER TABLE project ADD COLUMN viewer TEXT;
      ALTER TABLE classes ADD COLUMN key TEXT;
      ALTER TABLE classes ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE images ADD COLUMN split TEXT NOT NULL DEFAULT 'automatic'
        CHECK (split IN ('automatic', 'training', 'validation'));

      CREATE TABLE refused_files (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        code TEXT NOT NULL,
        message TEXT NOT NULL,
        remedy TEXT,
        added TEXT NOT NULL
      ) STRICT;

      CREATE TABLE label_maps (
        id INTEGER PRIMARY KEY,
        image INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
        page INTEGER NOT NULL,
        revision INTEGER NOT NULL DEFAULT 0,
        UNIQUE (image, page)
      ) STRICT;

      CREATE TABLE label_counts (
        map INTEGER NOT NULL REFERENCES label_maps (id) ON DELETE CASCADE,
        class INTEGER NOT NULL,
        pixels INTEGER NOT NULL CHECK (pixels > 0),
        PRIMARY KEY (map, class)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE label_tiles (
        id INTEGER PRIMARY KEY,
        map INTEGER NOT NULL REFERENCES label_maps (id) ON DELETE CASCADE,
        tile_row INTEGER NOT NULL,
        tile_column INTEGER NOT NULL,
        labels BLOB NOT NULL,
        UNIQUE (map, tile_row, tile_column)
      ) STRICT;

      CREATE TABLE strokes (
        id INTEGER PRIMARY KEY,
        map INTEGER NOT NULL REFERENCES label_maps (id) ON DELETE CASCADE,
        undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
        painted TEXT NOT NULL
      ) STRICT;
      CREATE INDEX strokes_by_map ON strokes (map, undone, id);

      CREATE TABLE stroke_tiles (
        id INTEGER PRIMARY KEY,
        stroke INTEGER NOT NULL REFERENCES strokes (id) ON DELETE CASCADE,
        tile_row INTEGER NOT NULL,
        tile_column INTEGER NOT NULL,
        change BLOB NOT NULL
      ) STRICT;
      CREATE INDEX stroke_tiles_by_stroke ON stroke_tiles (stroke);`)
  },
}
