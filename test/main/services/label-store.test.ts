import { expect, onTestFinished, test } from 'vitest'
import { LabelStore } from '../../../src/main/services/label-store.ts'
import { ProjectClasses } from '../../../src/main/services/project-classes.ts'
import { createProject, openProject, type Project } from '../../../src/main/services/project.ts'
import { UNLABELLED } from '../../../src/model/images/label-map.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import {
  decodeLabelTiles,
  encodeLabelTiles,
  LABEL_TILE_SIZE,
  type LabelTile,
} from '../../../src/preload/contract/label-tiles.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const door = 'command line'
const width = 600
const height = 333

/** A project with one image of an odd size, two pages and the classes 0, 1, 2. */
async function projectWithImage(): Promise<{ project: Project; image: number }> {
  const project = await createProject(temporaryFolder(), { door, name: 'Yeast' })
  const classes = new ProjectClasses(project)
  classes.add('colony')
  classes.add('debris')
  const { id } = project.images.save({
    path: '/images/a.tif',
    fingerprint: 'sha256:a',
    width,
    height,
    channels: 1,
    pages: 2,
    sampleType: 'uint16',
  })
  return { project, image: id }
}

/** Labels of a plane, `[height, width]`, and what a page would send for a change of them. */
class Painter {
  labels = new Uint8Array(width * height).fill(UNLABELLED)

  /** Paints a rectangle and returns the tiles that it changed, as they are after it. */
  paint(left: number, top: number, right: number, bottom: number, value: number): LabelTile[] {
    for (let y = top; y < bottom; y++) this.labels.fill(value, y * width + left, y * width + right)
    const tiles: LabelTile[] = []
    for (let row = Math.floor(top / LABEL_TILE_SIZE); row * LABEL_TILE_SIZE < bottom; row++) {
      for (let column = Math.floor(left / LABEL_TILE_SIZE); column * LABEL_TILE_SIZE < right; column++) {
        tiles.push({ column, row, values: this.tile(column, row) })
      }
    }
    return tiles
  }

  tile(column: number, row: number): Uint8Array<ArrayBuffer> {
    const values = new Uint8Array(LABEL_TILE_SIZE ** 2).fill(UNLABELLED)
    for (let y = row * LABEL_TILE_SIZE; y < Math.min(height, (row + 1) * LABEL_TILE_SIZE); y++) {
      const start = y * width + column * LABEL_TILE_SIZE
      const count = Math.min(LABEL_TILE_SIZE, width - column * LABEL_TILE_SIZE)
      values.set(this.labels.subarray(start, start + count), (y - row * LABEL_TILE_SIZE) * LABEL_TILE_SIZE)
    }
    return values
  }

  pixels(): { value: number; pixels: number }[] {
    return [0, 1, 2].flatMap((value) => {
      const pixels = this.labels.filter((label) => label === value).length
      return pixels === 0 ? [] : [{ value, pixels }]
    })
  }
}

/** The whole plane as stored. */
function storedLabels(store: LabelStore, image: number): Uint8Array {
  const painter = new Painter()
  for (const { column, row, values } of store.tiles({ image, page: 0 }).tiles) {
    let beyond = 0
    values.forEach((value, at) => {
      const x = column * LABEL_TILE_SIZE + (at % LABEL_TILE_SIZE)
      const y = row * LABEL_TILE_SIZE + Math.floor(at / LABEL_TILE_SIZE)
      if (x < width && y < height) painter.labels[y * width + x] = value
      else if (value !== UNLABELLED) beyond++
    })
    expect(beyond).toBe(0)
  }
  return painter.labels
}

test('strokes, undo and redo in any order give what a stack of pictures gives, also after a restart', async () => {
  const { project, image } = await projectWithImage()
  let store = new LabelStore(project)
  let opened = project
  onTestFinished(() => opened.close())
  const plane = { image, page: 0 }
  const random = new RandomGenerator(5)
  const painter = new Painter()
  const past: Uint8Array<ArrayBuffer>[] = []
  const future: Uint8Array<ArrayBuffer>[] = []
  let revision = 0
  for (let step = 0; step < 120; step++) {
    const action = random.next()
    if (action < 0.5) {
      const left = random.nextInteger(width - 1)
      const top = random.nextInteger(height - 1)
      const right = Math.min(width, left + 1 + random.nextInteger(300))
      const bottom = Math.min(height, top + 1 + random.nextInteger(300))
      const before = painter.labels.slice()
      const value = [0, 1, 2, UNLABELLED][random.nextInteger(4)] as number
      const tiles = painter.paint(left, top, right, bottom, value)
      const state = store.paint(plane, decodeLabelTiles(encodeLabelTiles({ revision, tiles })))
      if (painter.labels.some((label, at) => label !== before[at])) {
        past.push(before)
        future.length = 0
        revision++
      }
      expect(state).toEqual({ revision, undo: past.length, redo: future.length, pixels: painter.pixels() })
    } else {
      const [from, to] = action < 0.8 ? [past, future] : [future, past]
      const change = action < 0.8 ? store.undo(plane) : store.redo(plane)
      const labels = from.pop()
      if (labels !== undefined) {
        to.push(painter.labels)
        painter.labels = labels
        revision++
      }
      const { tiles, ...state } = change
      expect(tiles.length > 0).toBe(labels !== undefined)
      expect(state).toEqual({ revision, undo: past.length, redo: future.length, pixels: painter.pixels() })
    }
    if (step % 40 === 39) {
      opened.close()
      opened = await openProject(project.folder, { door })
      store = new LabelStore(opened)
    }
    if (step % 10 === 9) expect(Buffer.compare(storedLabels(store, image), painter.labels)).toBe(0)
  }
  expect(store.state({ image, page: 1 })).toEqual({ revision: 0, undo: 0, redo: 0, pixels: [] })
})

test('a stroke that cannot be meant changes nothing', async () => {
  const { project, image } = await projectWithImage()
  onTestFinished(() => project.close())
  const store = new LabelStore(project)
  const plane = { image, page: 0 }
  const painter = new Painter()
  const state = store.paint(plane, { revision: 0, tiles: painter.paint(10, 10, 20, 20, 1) })
  const tiles = painter.paint(30, 30, 40, 40, 2)
  const beyond = { column: 2, row: 0, values: new Uint8Array(LABEL_TILE_SIZE ** 2).fill(1) }
  const unknown = { column: 0, row: 0, values: new Uint8Array(LABEL_TILE_SIZE ** 2).fill(9) }
  for (const [where, stroke, code] of [
    [plane, { revision: 0, tiles }, 'labels-changed'],
    [plane, { revision: 1, tiles: [...tiles, beyond] }, 'label-tile-outside'],
    [plane, { revision: 1, tiles: [{ ...beyond, column: 3 }] }, 'label-tile-outside'],
    [plane, { revision: 1, tiles: [unknown] }, 'label-class-unknown'],
    [{ image, page: 2 }, { revision: 0, tiles }, 'image-unknown'],
    [{ image: image + 1, page: 0 }, { revision: 0, tiles }, 'image-unknown'],
  ] as const) {
    expect(() => store.paint(where, { ...stroke, tiles: [...stroke.tiles] })).toThrow(
      expect.objectContaining({ code }) as Error,
    )
  }
  expect(store.state(plane)).toEqual(state)
  expect(state).toMatchObject({ revision: 1, pixels: [{ value: 1, pixels: 100 }] })
})

test('deleting a class drops its labels, and with them the history that would bring it back', async () => {
  const { project, image } = await projectWithImage()
  onTestFinished(() => project.close())
  const store = new LabelStore(project)
  const plane = { image, page: 0 }
  const painter = new Painter()
  store.paint(plane, { revision: 0, tiles: painter.paint(0, 0, 300, 300, 1) })
  store.paint(plane, { revision: 1, tiles: painter.paint(100, 100, 500, 200, 2) })
  expect(store.removeClass(1)).toEqual([expect.objectContaining({ image, page: 0, revision: 3 })])
  const expected = painter.labels.map((label) => (label === 1 ? UNLABELLED : label))
  expect(Buffer.compare(storedLabels(store, image), expected)).toBe(0)
  expect(store.state(plane)).toEqual({
    revision: 3,
    undo: 0,
    redo: 0,
    pixels: [{ value: 2, pixels: 40_000 }],
  })
})
