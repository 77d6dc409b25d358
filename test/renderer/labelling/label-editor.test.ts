import { expect, onTestFinished, test } from 'vitest'
import { LabelStore } from '../../../src/main/services/label-store.ts'
import { ProjectClasses } from '../../../src/main/services/project-classes.ts'
import { createProject } from '../../../src/main/services/project.ts'
import { reducedTiles } from '../../../src/main/services/reduced-labels.ts'
import { SegscopeError } from '../../../src/model/errors.ts'
import { LABEL_TILE_SIZE, type LabelTiles } from '../../../src/preload/contract/label-tiles.ts'
import { RequestProblem, UNREACHABLE } from '../../../src/renderer/connection/request.ts'
import { UNLABELLED } from '../../../src/renderer/labelling/label-values.ts'
import { LabelLevels } from '../../../src/renderer/labelling/layer/label-levels.ts'
import { LabelEditor, type LabelService } from '../../../src/renderer/labelling/plane/label-editor.ts'
import { SavingQueue } from '../../../src/renderer/labelling/plane/saving-queue.ts'
import type { PaintRule } from '../../../src/renderer/labelling/plane/stroke.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const SIZE = LABEL_TILE_SIZE
const width = 600
const height = 333
const everywhere: PaintRule = { kind: 'everywhere' }

/** A project with one image, and editors of it as pages have them: over the real store. */
async function startPages() {
  const project = await createProject(temporaryFolder(), { door: 'command line', name: 'Yeast' })
  onTestFinished(() => project.close())
  const classes = new ProjectClasses(project)
  classes.add('colony')
  classes.add('debris')
  const file = { path: '/images/a.tif', fingerprint: 'sha256:a', channels: 1, pages: 1, sampleType: 'uint16' }
  const { id } = project.images.save({ ...file, width, height } as Parameters<typeof project.images.save>[0])
  const store = new LabelStore(project)
  const plane = { image: id, page: 0 }
  const network = { down: false }
  const ask = async <Value>(work: () => Value): Promise<Value> => {
    await new Promise((later) => setTimeout(later, 2))
    if (network.down) throw new RequestProblem({ code: UNREACHABLE, message: 'Nobody answers.' })
    try {
      return work()
    } catch (thrown) {
      if (thrown instanceof SegscopeError)
        throw new RequestProblem({ code: thrown.code, message: thrown.message })
      throw thrown
    }
  }
  const service: LabelService = {
    fetchTiles: (of, range) => ask(() => store.tiles(of, range?.columns, range?.rows) as LabelTiles),
    saveStroke: (of, stroke) => ask(() => store.paint(of, structuredClone(stroke))),
    state: (of) => ask(() => store.state(of)),
    undo: (of) => ask(() => store.undo(of)),
    redo: (of) => ask(() => store.redo(of)),
  }
  const open = async () => {
    const queue = new SavingQueue([1])
    const failures: unknown[] = []
    const tellFailure = (thrown: unknown) => failures.push(thrown)
    const editor = new LabelEditor(plane, { width, height }, { service, queue, tellFailure })
    await editor.plane.load({ columns: [0, 0], rows: [0, 0] })
    return { editor, queue, failures }
  }
  const stored = () =>
    picture((column, row) => store.tiles(plane, [column, column], [row, row]).tiles[0]?.values)
  return { open, stored, store, plane, network }
}

/** `[height, width]` */
function picture(tileAt: (column: number, row: number) => Uint8Array | undefined): Uint8Array {
  const labels = new Uint8Array(width * height).fill(UNLABELLED)
  const rowOfTiles: (Uint8Array | undefined)[] = []
  for (let y = 0; y < height; y++) {
    for (let column = 0; column * SIZE < width; column++) {
      if (y % SIZE === 0) rowOfTiles[column] = tileAt(column, Math.floor(y / SIZE))
      const start = (y % SIZE) * SIZE
      const part = rowOfTiles[column]?.subarray(start, start + Math.min(SIZE, width - column * SIZE))
      if (part !== undefined) labels.set(part, y * width + column * SIZE)
    }
  }
  return labels
}

function paintRectangle(
  editor: LabelEditor,
  value: number,
  [left, top, right, bottom]: [number, number, number, number],
  rule = everywhere,
): void {
  const stroke = editor.begin({ value, rule })
  for (let y = top; y < bottom; y++) stroke.fillSpan(y, left, right)
  editor.commit(stroke)
}

const shownBy = (editor: LabelEditor) => picture((column, row) => editor.plane.tile(column, row))

function expectSame(one: Uint8Array, other: Uint8Array): void {
  expect(Buffer.compare(one, other)).toBe(0)
}

test('strokes are seen at once, keep to the image and their rules, and are stored one by one', async () => {
  const { open, stored, store, plane } = await startPages()
  const { editor, queue } = await open()
  const expected = new Uint8Array(width * height).fill(UNLABELLED)
  const paint = (
    value: number,
    [left, top, right, bottom]: [number, number, number, number],
    rule: PaintRule = everywhere,
    over: (label: number) => boolean = () => true,
  ) => {
    paintRectangle(editor, value, [left, top, right, bottom], rule)
    for (let at = 0; at < expected.length; at++) {
      const [x, y] = [at % width, Math.floor(at / width)]
      const isInside = x >= left && x < right && y >= top && y < bottom
      if (isInside && over(expected[at] as number)) expected[at] = value
    }
    expectSame(shownBy(editor), expected)
  }
  paint(1, [200, 200, 300, 300])
  paint(0, [-20, 240, 700, 500], { kind: 'unlabelled' }, (label) => label === UNLABELLED)
  paint(2, [250, 220, 280, 280], { kind: 'class', value: 1 }, (label) => label === 1)
  paint(UNLABELLED, [260, 250, 599, 260])
  expect(queue.pending.value).toBe(4)
  await queue.whenIdle()
  expectSame(stored(), expected)
  expect(store.state(plane)).toMatchObject({ revision: 4, undo: 4 })
})

test('a stroke that changes nothing is none; one that is cancelled leaves no trace', async () => {
  const { open, store, plane } = await startPages()
  const { editor, queue } = await open()
  paintRectangle(editor, UNLABELLED, [0, 0, 50, 50])
  const stroke = editor.begin({ value: 1, rule: everywhere })
  stroke.fillSpan(10, 0, 600)
  editor.cancel(stroke)
  await queue.whenIdle()
  expect(shownBy(editor).every((label) => label === UNLABELLED)).toBe(true)
  expect(store.state(plane).revision).toBe(0)
})

test('while nobody answers, painting goes on; all of it is stored when somebody does', async () => {
  const { open, stored, network } = await startPages()
  const { editor, queue } = await open()
  network.down = true
  paintRectangle(editor, 1, [10, 10, 300, 40])
  paintRectangle(editor, 2, [200, 20, 400, 50])
  await expect.poll(() => queue.status.value.kind).toBe('retrying')
  expect(queue.pending.value).toBe(2)
  network.down = false
  await queue.whenIdle()
  expectSame(stored(), shownBy(editor))
  expect(stored()[30 * width + 250]).toBe(2)
})

test('what two pages paint is all kept, and the later page shows both', async () => {
  const { open, stored } = await startPages()
  const [one, other] = [await open(), await open()]
  paintRectangle(one.editor, 1, [0, 0, 100, 100])
  await one.queue.whenIdle()
  paintRectangle(other.editor, 2, [50, 50, 150, 150])
  paintRectangle(other.editor, 1, [140, 140, 300, 160])
  await other.queue.whenIdle()
  expectSame(shownBy(other.editor), stored())
  expect([10, 60, 145].map((at) => stored()[at * width + at])).toEqual([1, 2, 1])
})

test('a stroke whose answer was lost is not stored twice', async () => {
  const { open, store, plane } = await startPages()
  const { editor, queue } = await open()
  store.paint(plane, {
    revision: 0,
    tiles: [{ column: 0, row: 0, values: new Uint8Array(SIZE * SIZE).fill(1) }],
  })
  paintRectangle(editor, 1, [0, 0, 256, 256])
  await queue.whenIdle()
  expect(store.state(plane)).toMatchObject({ revision: 1, undo: 1 })
})

test('undo takes back what was painted before it, and keeps what is painted after', async () => {
  const { open, stored } = await startPages()
  const { editor, queue, failures } = await open()
  paintRectangle(editor, 1, [0, 0, 100, 100])
  editor.undo()
  paintRectangle(editor, 2, [50, 50, 150, 150])
  const running = editor.begin({ value: 0, rule: everywhere })
  running.fillSpan(5, 0, 300)
  await queue.whenIdle()
  editor.commit(running)
  await queue.whenIdle()
  expectSame(shownBy(editor), stored())
  expect([stored()[20 * width + 20], stored()[60 * width + 60], stored()[5 * width + 5]]).toEqual([
    UNLABELLED,
    2,
    0,
  ])
  expect(failures).toEqual([])
})

test('a stroke that is refused stays until it is given up; then what is stored is shown', async () => {
  const { open, stored } = await startPages()
  const { editor, queue } = await open()
  paintRectangle(editor, 77, [0, 0, 10, 10])
  paintRectangle(editor, 1, [100, 100, 110, 110])
  await expect.poll(() => queue.status.value.kind).toBe('stopped')
  expect(queue.pending.value).toBe(2)
  expect(queue.giveUp()).toBe(editor)
  await editor.giveUp()
  expectSame(shownBy(editor), stored())
  expect(shownBy(editor).every((label) => label === UNLABELLED)).toBe(true)
})

test('reduced labels follow the strokes, and are what the main process answers', async () => {
  const { open, store, plane } = await startPages()
  const { editor, queue } = await open()
  const levels = new LabelLevels(editor.plane, () => Promise.reject(new Error('all is here')))
  paintRectangle(editor, 1, [3, 0, 4, 333])
  expect(levels.tile(1, 0, 0)?.subarray(0, 3)).toEqual(new Uint8Array([UNLABELLED, 1, UNLABELLED]))
  paintRectangle(editor, 0, [0, 100, 600, 101])
  paintRectangle(editor, 2, [511, 99, 530, 105])
  await queue.whenIdle()
  const { tiles } = await reducedTiles(store, plane, height, 1, [0, 9], [0, 9])
  expect(tiles.length).toBe(2)
  for (const { column, row, values } of tiles) {
    expectSame(levels.tile(1, column, row) as Uint8Array, values)
  }
})
