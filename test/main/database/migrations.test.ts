import Database from 'better-sqlite3'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DatabaseConnection } from '../../../src/main/database/connection.ts'
import { databaseVersion, migrate, type Migration } from '../../../src/main/database/migrate.ts'
import { migrations, newestVersion } from '../../../src/main/database/migrations/index.ts'
import { openDatabase } from '../../../src/main/database/open-database.ts'
import { segscopeVersion } from '../../../src/main/version.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** What a user may have in the tables that each version added. Written once, with the version. */
const rowsOfVersion: Record<number, string> = {
  10: `INSERT INTO project (id, name, created) VALUES (1, 'Yeast', '2026-11-23T10:00:00.000Z');
    INSERT INTO classes (value, name, colour) VALUES (0, 'background', '#000000'), (1, 'colony', '#e69f00');
    INSERT INTO images (id, path, fingerprint, width, height, channels, pages, sample_type, missing, added)
      VALUES (1, 'images/a.tif', 'sha256:a', 512, 512, 1, 1, 'uint16', 0, '2026-11-23T10:00:00.000Z');
    INSERT INTO label_files VALUES (1, 1, 'labels/a.tif', 'classes', 'sha256:b');`,
  20: `INSERT INTO experiments VALUES ('2026-11-23-a1b2', 'finished', 7, '{}', '{}', '{}', '{}',
      '2026-11-23T10:00:00.000Z', '2026-11-23T10:00:01.000Z', '2026-11-23T10:09:00.000Z', NULL);
    INSERT INTO experiment_images VALUES ('2026-11-23-a1b2', 1, 1, 'training', 'sha256:a', 'sha256:b');
    INSERT INTO step_metrics VALUES ('2026-11-23-a1b2', 1, 1.5, 0.5, 0.001, 300, 2);
    INSERT INTO validations VALUES ('2026-11-23-a1b2', 1, 1.4, 1);
    INSERT INTO validation_scores VALUES ('2026-11-23-a1b2', 1, 0, 0.9, 0.8), ('2026-11-23-a1b2', 1, 1, NULL, NULL);
    INSERT INTO checkpoints VALUES ('2026-11-23-a1b2-best', '2026-11-23-a1b2', 'best',
      'checkpoints/2026-11-23-a1b2-best.safetensors', 1, NULL, 40000000, '2026-11-23T10:01:00.000Z', NULL, 1, 'good');`,
  30: `INSERT INTO jobs VALUES (1, 'segmentation', 'cancelled', '{}', NULL, '2026-11-23T11:00:00.000Z', '2026-11-23T11:01:00.000Z');
    INSERT INTO job_items VALUES (1, '/images/a.tif', 'done', NULL, '/out/a.tif'), (1, '/images/b.tif', 'waiting', NULL, NULL);`,
  40: `INSERT INTO refused_files VALUES (1, 'images/b.tif', 'image-truncated', 'It is cut.', NULL, '2026-11-23T11:00:00.000Z');
    INSERT INTO label_maps VALUES (1, 1, 0, 1);
    INSERT INTO label_counts VALUES (1, 0, 65536);
    INSERT INTO label_tiles VALUES (1, 1, 0, 0, x'00');
    INSERT INTO strokes VALUES (1, 1, 0, '2026-11-23T11:00:00.000Z');
    INSERT INTO stroke_tiles VALUES (1, 1, 0, 0, x'00');`,
  50: `INSERT INTO results VALUES (1, '2026-11-23-a1b2-best', 'results/2026-11-23-a1b2-best', '{}', '["background"]',
      'finished', 1, '2026-11-23T12:00:00.000Z', '2026-11-23T12:01:00.000Z');
    INSERT INTO result_images VALUES (1, 1, 1, 'images/a.tif', 'results/2026-11-23-a1b2-best/a.tif', 'accepted',
      '2026-11-23T12:01:00.000Z');`,
  60: `INSERT INTO images (id, path, fingerprint, width, height, channels, pages, sample_type, missing, added)
      VALUES (60, '/images/a.h5?image=%2Fdata&axes=tyx', 'sha256:h?image=%2Fdata&axes=tyx', 512, 512, 1, 9, 'uint16', 0,
        '2026-11-26T17:00:00.000Z');`,
  70: `INSERT INTO experiments (id, status, seed, plan, parameters, versions, engine, created, deleted, purged)
      VALUES ('2026-11-24-c3d4', 'failed', 7, '{}', '{}', '{}', '{}', '2026-11-24T10:00:00.000Z',
      '2026-11-25T10:00:00.000Z', 1);
    UPDATE checkpoints SET deleted = '2026-11-25T10:00:00.000Z';`,
  80: `INSERT INTO experiment_images VALUES ('2026-11-23-a1b2', 1, 4, 1, 'training', 'sha256:a', 'sha256:b');`,
}

/** Brings a database from version to version, each time with rows of that version in it. */
function fill(connection: DatabaseConnection, newest: number): void {
  for (const { number } of migrations.filter((migration) => migration.number <= newest)) {
    migrate(
      connection,
      migrations.filter((migration) => migration.number <= number),
    )
    connection.execute(rowsOfVersion[number] as string)
  }
}

function connect(file: string): DatabaseConnection {
  const database = new Database(file)
  database.pragma('foreign_keys = ON')
  return new DatabaseConnection(database, file, { mode: 'delete', reason: 'a test' })
}

/** Every row of every table but the ledger. */
function contents(connection: DatabaseConnection): Record<string, unknown[]> {
  const tables = connection
    .prepare<{ name: string }>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('migrations') AND name NOT LIKE 'sqlite_%'`,
    )
    .all()
  return Object.fromEntries(
    tables.map(({ name }) => [name, connection.prepare<object>(`SELECT * FROM ${name}`).all()]),
  )
}

test('migrations are numbered in tens, in order, and the versions all have rows to be tested with', () => {
  const numbers = migrations.map((migration) => migration.number)
  expect(numbers).toEqual([...new Set(numbers)].sort((first, second) => first - second))
  expect(numbers.filter((number) => number % 10 !== 0)).toEqual([])
  expect(Object.keys(rowsOfVersion).map(Number)).toEqual(numbers)
})

test('from each version to the next and to the newest, data stays, and the schema is that of a new database', () => {
  const folder = temporaryFolder()
  const schema = (connection: DatabaseConnection): unknown =>
    connection.prepare<{ sql: string }>('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all()
  const fresh = connect(join(folder, 'fresh.db'))
  migrate(fresh, migrations)

  for (const start of migrations) {
    const file = join(folder, `from-${start.number}.db`)
    const connection = connect(file)
    fill(connection, start.number)
    const before = contents(connection)
    const next = migrations.find((migration) => migration.number > start.number)?.number ?? newestVersion
    for (const target of [next, newestVersion]) {
      migrate(
        connection,
        migrations.filter((migration) => migration.number <= target),
      )
      expect(databaseVersion(connection)).toBe(target)
      expect(contents(connection)).toMatchObject(before)
    }
    expect(schema(connection)).toEqual(schema(fresh))
    connection.close()
  }
  fresh.close()
})

test('stacks of earlier versions stay pages in the order of their files, as their labels were painted', () => {
  const connection = connect(join(temporaryFolder(), 'segscope.db'))
  migrate(
    connection,
    migrations.filter(({ number }) => number < 60),
  )
  connection.execute(`
    INSERT INTO images (path, fingerprint, width, height, channels, pages, sample_type, missing, added) VALUES
      ('one.tif', 'sha256:1', 8, 8, 1, 1, 'uint16', 0, '2026-11-23T10:00:00.000Z'),
      ('stack.tif', 'sha256:2', 8, 8, 1, 6, 'uint16', 0, '2026-11-23T10:00:00.000Z')`)
  migrate(connection, migrations)
  expect(connection.prepare('SELECT path, fingerprint FROM images ORDER BY id').all()).toEqual([
    { path: 'one.tif', fingerprint: 'sha256:1' },
    { path: 'stack.tif?axes=zyx', fingerprint: 'sha256:2?axes=zyx' },
  ])
  connection.close()
})

test('a migration that fails takes its half-done work and its ledger row back, and the copy made before stays', () => {
  const file = join(temporaryFolder(), 'segscope.db')
  const first: Migration = {
    number: 10,
    name: 'first',
    apply: (c) => c.execute('CREATE TABLE a (x); INSERT INTO a VALUES (1)'),
  }
  const good: Migration = { number: 20, name: 'good', apply: (c) => c.execute('CREATE TABLE b (x)') }
  const bad: Migration = {
    number: 30,
    name: 'bad',
    apply(connection) {
      connection.execute('DELETE FROM a; CREATE TABLE c (x)')
      throw new Error('the third table is not to be')
    },
  }
  const connection = connect(file)
  migrate(connection, [first])
  expect(readdirSync(join(file, '..'))).toEqual(['segscope.db'])

  expect(() => {
    migrate(connection, [first, good, bad])
  }).toThrow(
    expect.objectContaining({
      code: 'migration-failed',
      message: expect.stringMatching(/bad.*not to be/) as string,
    }),
  )
  expect(databaseVersion(connection)).toBe(20)
  expect(contents(connection)).toEqual({ a: [{ x: 1 }], b: [] })
  expect(
    connection.prepare('SELECT number, name, segscope_version AS version FROM migrations').all(),
  ).toEqual([
    { number: 10, name: 'first', version: segscopeVersion },
    { number: 20, name: 'good', version: segscopeVersion },
  ])
  const copy = connect(`${file}.version-10`)
  expect([databaseVersion(copy), contents(copy)]).toEqual([10, { a: [{ x: 1 }] }])
  copy.close()
  connection.close()
})

test('a migration that would leave rows without what they refer to is refused', () => {
  const connection = connect(join(temporaryFolder(), 'segscope.db'))
  fill(connection, newestVersion)
  const before = contents(connection)
  const careless: Migration = {
    number: 9990,
    name: 'careless',
    apply: (c) => c.execute('DELETE FROM images'),
  }
  expect(() => {
    migrate(connection, [...migrations, careless])
  }).toThrow(/experiment_images.*would lose/)
  expect(contents(connection)).toEqual(before)
  connection.close()
})

test('the copy made before migrating is removed when all went well', () => {
  const file = join(temporaryFolder(), 'segscope.db')
  const old = connect(file)
  migrate(old, migrations.slice(0, 1))
  old.execute(rowsOfVersion[10] as string)
  old.close()
  const connection = openDatabase(file, { mode: 'wal' })
  expect(databaseVersion(connection)).toBe(newestVersion)
  expect(connection.prepare<{ name: string }>('SELECT name FROM project').get()).toEqual({ name: 'Yeast' })
  expect(existsSync(`${file}.version-10`)).toBe(false)
  connection.close()
})
