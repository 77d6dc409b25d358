import { once } from 'node:events'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { LabelStore } from '../../src/main/services/label-store.ts'
import { ProjectClasses } from '../../src/main/services/project-classes.ts'
import { createProject, openProject } from '../../src/main/services/project.ts'
import { UNLABELLED } from '../../src/model/images/label-map.ts'
import { RandomGenerator } from '../../src/model/random.ts'
import { encodeLabelTiles, LABEL_TILE_SIZE, type LabelTile } from '../../src/preload/contract/label-tiles.ts'
import { signIn } from '../main/procedures/socket-connection.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { type ServedProject, serveProject } from './served-project.ts'
import { choose } from './size.ts'

const kills = choose({ small: 3, full: 20 })
/** Tiles a side of the image that is painted on. */
const tilesAcross = 4

async function makeProject(folder: string): Promise<number> {
  const project = await createProject(folder, { door: 'command line', name: 'Kills' })
  new ProjectClasses(project).add('colony')
  const { id } = project.images.save({
    path: '/images/a.tif',
    fingerprint: 'sha256:a',
    width: tilesAcross * LABEL_TILE_SIZE,
    height: tilesAcross * LABEL_TILE_SIZE,
    channels: 1,
    pages: 1,
    sampleType: 'uint16',
  })
  project.close()
  return id
}

/** The picture as the page has it: every tile's labels. */
class Picture {
  readonly tiles = Array.from({ length: tilesAcross ** 2 }, () =>
    new Uint8Array(LABEL_TILE_SIZE ** 2).fill(UNLABELLED),
  )

  copy(): Picture {
    const copy = new Picture()
    copy.tiles.forEach((tile, index) => tile.set(this.tiles[index] as Uint8Array))
    return copy
  }

  /** Paints spots of one class into a few tiles, and returns those. */
  stroke(random: RandomGenerator): LabelTile[] {
    const value = [0, 1, UNLABELLED][random.nextInteger(3)] as number
    const changed = new Set(Array.from({ length: 4 }, () => random.nextInteger(tilesAcross ** 2)))
    return [...changed].map((index) => {
      const values = this.tiles[index] as Uint8Array<ArrayBuffer>
      for (let spot = 0; spot < 20; spot++) {
        const start = random.nextInteger(values.length)
        values.fill(value, start, start + 40)
      }
      return { column: index % tilesAcross, row: Math.floor(index / tilesAcross), values }
    })
  }
}

/** Paints stroke upon stroke until the server is gone. */
async function paintUntilGone(
  server: ServedProject,
  headers: Record<string, string>,
  image: number,
  start: { picture: Picture; revision: number },
  random: RandomGenerator,
): Promise<{ safe: Picture; revision: number; underWay: Picture }> {
  let safe = start.picture
  let { revision } = start
  while (true) {
    const next = safe.copy()
    const body = encodeLabelTiles({ revision, tiles: next.stroke(random) })
    try {
      const response = await fetch(new URL(`/labels/${image}/0/0`, server.address), {
        method: 'POST',
        headers,
        body,
      })
      const state = (await response.json()) as { revision: number }
      expect(response.status, JSON.stringify(state)).toBe(200)
      revision = state.revision
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      return { safe, revision, underWay: next }
    }
    safe = next
  }
}

test('a server killed at any moment of painting loses at most the stroke under way', async () => {
  const random = new RandomGenerator(3)
  const home = temporaryFolder()
  const folder = join(temporaryFolder(), 'project')
  const image = await makeProject(folder)
  let picture = new Picture()
  let revision = 0
  for (let kill = 0; kill < kills; kill++) {
    const server = await serveProject(folder, home)
    // Before the clock runs: what is killed is painting.
    const headers = await signIn(server)
    const painting = paintUntilGone(server, headers, image, { picture, revision }, random)
    setTimeout(() => server.child.kill('SIGKILL'), random.uniform(0, 1500))
    const { safe, revision: acknowledged, underWay } = await painting
    if (server.child.exitCode === null && server.child.signalCode === null) await once(server.child, 'exit')
    expect(server.child.signalCode).toBe('SIGKILL')

    const database = new Database(join(folder, 'segscope.db'))
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    database.close()
    const project = await openProject(folder, { door: 'command line' })
    const store = new LabelStore(project)
    const stored = store.tiles({ image, page: 0 })
    project.close()
    expect([acknowledged, acknowledged + 1]).toContain(stored.revision)
    picture = stored.revision === acknowledged ? safe : underWay
    revision = stored.revision
    const found = new Picture()
    for (const { column, row, values } of stored.tiles) found.tiles[row * tilesAcross + column]?.set(values)
    found.tiles.forEach((tile, index) => {
      expect(Buffer.compare(tile, picture.tiles[index] as Uint8Array)).toBe(0)
    })
  }
  expect(revision).toBeGreaterThan(kills)
  // Every stroke can still be taken back, down to the empty picture.
  const project = await openProject(folder, { door: 'command line' })
  const store = new LabelStore(project)
  const plane = { image, page: 0 }
  for (let left = store.state(plane).undo; left > 0; left--) store.undo(plane)
  expect(store.tiles(plane).tiles).toEqual([])
  expect(store.state(plane).pixels).toEqual([])
  project.close()
})
