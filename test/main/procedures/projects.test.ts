import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readPlaneLabels } from '../../../src/main/services/plane-labels.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { connectByPort, startApplication } from './connections.ts'

test('sample images: a project of their own with classes and three labelled images; given up, nothing is left', async () => {
  const parent = temporaryFolder()
  const application = await startApplication([parent])
  const { client, disconnect } = connectByPort(application)
  onTestFinished(() => {
    disconnect()
    application.closeProject()
  })
  const cancelling = new AbortController()
  const givenUp = await client.projects.openSample(undefined, { signal: cancelling.signal })
  await givenUp.next()
  cancelling.abort()
  await givenUp.next().catch(() => undefined)
  await expect.poll(() => readdirSync(parent)).toEqual([])
  expect(await client.projects.current()).toBeNull()

  const events = []
  for await (const event of await client.projects.openSample()) events.push(event)
  expect(events[0]).toEqual({ kind: 'progress', fraction: 1 / 30, label: '1 of 30 sample images' })
  expect(events.at(-1)).toMatchObject({
    kind: 'done',
    project: { folder: join(parent, 'Segscope sample'), name: 'Segscope sample', images: 30 },
  })
  expect((await client.classes.list()).map(({ value, name }) => [value, name])).toEqual([
    [0, 'background'],
    [1, 'colony'],
    [2, 'debris or plate edge'],
  ])
  const { images, refused } = await client.images.list()
  expect(refused).toEqual([])
  const labelled = images.filter(({ labelledPixels }) => labelledPixels > 0)
  expect(labelled.map(({ path }) => path)).toEqual(
    ['A', 'B', 'C'].map((field) => join(parent, 'Segscope sample', 'images', `field_${field}_06h.tif`)),
  )
  const { values } = readPlaneLabels(application.requireOpened().project, {
    image: labelled[0]?.id ?? 0,
    page: 0,
  })
  expect([...new Set(values)].sort((one, other) => one - other)).toEqual([0, 1, 2, 255])

  // Its own strokes can be tried as label files, too.
  const preview = await client.labels.previewImport({ folder: join(parent, 'Segscope sample', 'labels') })
  expect(preview).toMatchObject({ values: 'classes', unpaired: 21 })
  expect(preview.pairs).toHaveLength(9)
})
