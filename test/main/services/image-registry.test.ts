import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findCheckpointFile } from '../../../src/main/services/checkpoints.ts'
import { fingerprintContent, fingerprintImage } from '../../../src/main/services/content-fingerprint.ts'
import { findMissingImages, registerImages } from '../../../src/main/services/image-registry.ts'
import { createProject, type Project } from '../../../src/main/services/project.ts'
import type { ImageInfo } from '../../../src/model/images/image-source.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { examplePlan } from '../examples.ts'

const info: ImageInfo = {
  width: 640,
  height: 480,
  channels: 1,
  pages: 1,
  sampleType: 'uint16',
  bitsPerSample: 16,
  pixelSize: undefined,
  format: 'TIFF',
}

async function newProject(): Promise<Project> {
  const project = await createProject(join(temporaryFolder(), 'project'), { door: 'command line' })
  onTestFinished(() => {
    project.close()
  })
  return project
}

function noise(bytes: number, seed: number): Buffer {
  const random = new RandomGenerator(seed)
  return Buffer.from(Uint32Array.from({ length: bytes / 4 }, () => random.nextSeed()).buffer)
}

test('fingerprints: every byte of small and of label files; size, both ends and parts between of large ones', async () => {
  const file = join(temporaryFolder(), 'a.tif')
  const small = noise(4096, 1)
  writeFileSync(file, small)
  const expected = `sha256:${createHash('sha256').update(small).digest('hex')}`
  expect([await fingerprintImage(file), await fingerprintContent(file)]).toEqual([expected, expected])

  const large = noise(3 * 2 ** 20, 2)
  const fingerprints = new Set<string>()
  for (const change of [undefined, 0, large.length - 1, Math.ceil((large.length - 65536) / 3)]) {
    const bytes = Buffer.from(large)
    if (change !== undefined) bytes[change] = (bytes[change] as number) ^ 1
    writeFileSync(file, bytes)
    fingerprints.add(await fingerprintImage(file))
  }
  writeFileSync(file, large.subarray(0, large.length - 4))
  fingerprints.add(await fingerprintImage(file))
  expect([fingerprints.size, [...fingerprints].every((each) => each.startsWith('sampled:'))]).toEqual([
    5,
    true,
  ])
})

test('images moved elsewhere keep their identity, copies get one of their own, the missing are named', async () => {
  const project = await newProject()
  const data = temporaryFolder()
  const [a, b, labels] = ['a.tif', 'b.tif', 'a-labels.tif'].map((name) => join(data, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(a, noise(1024, 1))
  writeFileSync(b, noise(1024, 2))
  writeFileSync(labels, noise(1024, 3))
  const registered = await registerImages(project, [
    { path: a, info, labels: { path: labels, labelValues: 'classes' } },
    { path: b, info, labels: undefined },
  ])
  expect(registered).toMatchObject([
    { image: { path: a, sampleType: 'uint16' }, labels: { path: labels, labelValues: 'classes' } },
    { image: { path: b }, labels: undefined },
  ])
  expect(await findMissingImages(project)).toEqual({ missing: [], changed: [] })

  mkdirSync(join(data, 'moved'))
  const moved = join(data, 'moved', 'a.tif')
  const copied = join(data, 'moved', 'b.tif')
  renameSync(a, moved)
  writeFileSync(copied, readFileSync(b))
  const { missing, changed } = await findMissingImages(project)
  expect(missing).toMatchObject([{ path: a }])
  expect(changed).toEqual([missing[0]?.id])
  const again = await registerImages(project, [
    { path: moved, info, labels: undefined },
    { path: copied, info, labels: undefined },
  ])
  const [first, second] = registered.map(({ image }) => image.id)
  expect(again[0]?.image.id).toBe(first)
  expect(again[1]?.image.id).not.toBe(second)
  expect(project.images.all()).toMatchObject([
    { path: b, missing: false },
    { path: moved, missing: false, id: first },
    { path: copied, missing: false },
  ])
  expect(project.images.labelsOf(first as number)).toMatchObject([{ path: labels }])
})

test('where one file cannot be read, none is registered', async () => {
  const project = await newProject()
  const there = join(temporaryFolder(), 'a.tif')
  writeFileSync(there, noise(1024, 1))
  const images = [there, `${there}.gone`].map((path) => ({ path, info, labels: undefined }))
  await expect(registerImages(project, images)).rejects.toThrow(/ENOENT/)
  expect(project.images.all()).toEqual([])
})

test('a checkpoint is found by its id, by its experiment, or as a file', async () => {
  const project = await newProject()
  const experiment = project.experiments.create({
    plan: examplePlan,
    parameters: {},
    versions: {},
    engine: { name: 'onnxruntime', version: '1', device: 'cpu', threads: 2 },
    images: [],
  })
  const file = (kind: string): string => join(project.checkpointsFolder, `${experiment}-${kind}.safetensors`)
  const save = (kind: 'best' | 'last'): string =>
    project.checkpoints.saveTrained(experiment, kind, {
      file: file(kind),
      step: 1,
      scores: undefined,
      bytes: 1,
    })
  const find = (reference: string): string => findCheckpointFile(reference, project)
  const missing = (code: string, text: string): Error =>
    expect.objectContaining({ code, remedy: expect.stringContaining(text) as string }) as Error

  expect(() => find(experiment)).toThrow(missing('checkpoint-not-found', 'train first'))
  const last = save('last')
  expect(() => find(last)).toThrow(missing('checkpoint-file-missing', 'Put it back'))
  writeFileSync(file('last'), 'x')
  expect([find(last), find(experiment), find(file('last'))]).toEqual([
    file('last'),
    file('last'),
    file('last'),
  ])
  save('best')
  writeFileSync(file('best'), 'x')
  expect(find(experiment)).toBe(file('best'))
  expect(findCheckpointFile(file('best'), undefined)).toBe(file('best'))
  expect(() => find('2020-01-01-0000')).toThrow(missing('checkpoint-not-found', last))
  expect(() => findCheckpointFile(last, undefined)).toThrow(
    missing('checkpoint-not-found', 'name its project'),
  )
})
