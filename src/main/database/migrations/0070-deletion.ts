import type { Migration } from '../migrate.ts'

/**
 * What is deleted is hidden, and can be brought back until it is purged: then its files go, and its row stays to tell what
 * results were made with.
 */
export const deletion: Migration = {
  number: 70,
  name: 'deletion with undo',
  apply(connection) {
    connection.execute(`
      ALTER TABLE experiments ADD COLUMN deleted TEXT;
      ALTER TABLE experiments ADD COLUMN purged INTEGER NOT NULL DEFAULT 0 CHECK (purged IN (0, 1));
      ALTER TABLE checkpoints ADD COLUMN deleted TEXT;
      ALTER TABLE checkpoints ADD COLUMN purged INTEGER NOT NULL DEFAULT 0 CHECK (purged IN (0, 1));`)
  },
}
