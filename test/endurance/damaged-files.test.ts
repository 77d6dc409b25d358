import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ImageWorkers } from '../../src/main/compute/image-workers.ts'
import type { SegscopeError } from '../../src/model/errors.ts'
import { RandomGenerator } from '../../src/model/random.ts'
import type { Outcome } from './read-images.ts'
import { Reader } from './reader-process.ts'
import { choose } from './size.ts'
import { writeSoundFiles, zarrFiles } from './sound-files.ts'

/** Of each of a dozen sound files. */
const DAMAGED = choose({ small: 10, full: 120 })

const reader = new Reader()
let folder: string
let sound: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segscope-damaged-'))
  sound = await writeSoundFiles(join(folder, 'sound'))
})
afterAll(async () => {
  reader.stop()
  await rm(folder, { recursive: true, force: true })
})

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory()
}

/** One file is damaged: cut, bytes changed, numbers made absurd, a part taken away. */
async function damage(path: string, random: RandomGenerator, kind: number): Promise<void> {
  const bytes = await readFile(path)
  const at = random.nextInteger(bytes.length)
  // Headers are a small part of a file, and the most delicate one.
  const near = random.nextInteger(Math.min(bytes.length, 512))
  if (kind === 0) {
    await truncate(path, at)
    return
  }
  if (kind === 1)
    for (let flip = 0; flip < 8; flip++)
      bytes.writeUInt8(random.nextInteger(256), random.nextInteger(bytes.length))
  if (kind === 2) bytes.fill(0xff, near, Math.min(bytes.length, near + 8))
  if (kind === 3) bytes.fill(0, at, Math.min(bytes.length, at + 32))
  if (kind === 4) bytes[near] = random.nextInteger(256)
  await writeFile(
    path,
    kind === 5 ? Buffer.concat([bytes.subarray(0, near), bytes.subarray(near + 4)]) : bytes,
  )
}

/** In a thread that is given up when it shows no sign of life: what libhdf5 does with some damage has no end. */
async function openAsTheApplication(path: string): Promise<Outcome> {
  const workers = new ImageWorkers()
  const start = performance.now()
  try {
    await workers.run('identify', { path }, { urgency: 'details' })
    return { kind: 'defect', message: 'it opens, and cannot be read to the end' }
  } catch (error) {
    const { code, message, file } = error as SegscopeError
    const seconds = (performance.now() - start) / 1000
    if (code !== 'image-reader-stuck' && code !== 'image-reader-died') return { kind: 'defect', message }
    console.log(`${basename(path)}: ${code} after ${seconds.toFixed(1)} s`)
    return { kind: 'refused', code, message, file }
  } finally {
    await workers.close()
  }
}

function expectPlain(outcomes: Map<string, Outcome>): void {
  expect([...outcomes].filter(([, outcome]) => outcome.kind === 'defect')).toEqual([])
  for (const [path, outcome] of outcomes) {
    if (outcome.kind !== 'refused') continue
    expect(outcome.file).toBe(path)
    expect(outcome.message).toContain(basename(path))
  }
  expect(reader.peakBytes).toBeLessThan(2 ** 30)
}

test('sound files are read', async () => {
  for (const path of sound) expect(await reader.read(path), path).toMatchObject({ kind: 'picture' })
})

test(`damaged files end in a picture or a plain error within 10 s and 1 GB, and sound ones are read after them`, async () => {
  const random = new RandomGenerator(7)
  const before = new Map<string, Outcome>()
  for (const path of sound) before.set(path, await reader.read(path))
  const outcomes = new Map<string, Outcome>()
  for (const path of sound) {
    for (let index = 0; index < DAMAGED; index++) {
      const copy = join(folder, `${index}-${basename(path)}`)
      await cp(path, copy, { recursive: true })
      let victim = copy
      if (await isFolder(copy)) {
        const files = (await readdir(copy, { recursive: true, withFileTypes: true })).filter((entry) =>
          entry.isFile(),
        )
        const entry = files[random.nextInteger(files.length)] as (typeof files)[number]
        victim = join(entry.parentPath, entry.name)
      }
      await damage(victim, random, index % 6)
      const outcome = await reader.read(copy)
      outcomes.set(copy, outcome.kind === 'defect' ? await openAsTheApplication(copy) : outcome)
      await rm(copy, { recursive: true })
    }
    for (const good of sound) expect(await reader.read(good)).toEqual(before.get(good))
  }
  expect(outcomes.size).toBe(DAMAGED * sound.length)
  expectPlain(outcomes)
  console.log(
    `${outcomes.size} damaged files, ${[...outcomes.values()].filter(({ kind }) => kind === 'refused').length} refused, at most ${Math.round(reader.peakBytes / 2 ** 20)} MiB`,
  )
})

test('bombs, links that lead out, and endless nesting are refused', async () => {
  const outcomes = new Map<string, Outcome>()
  const read = async (name: string, files: Record<string, Uint8Array>, isZip: boolean): Promise<void> => {
    const path = join(folder, isZip ? `${name}.zarr.zip` : `${name}.zarr`)
    if (isZip) await writeFile(path, zipSync(files, { level: 1 }))
    else {
      for (const [file, bytes] of Object.entries(files)) {
        await mkdir(join(path, file, '..'), { recursive: true })
        await writeFile(join(path, file), bytes)
      }
    }
    outcomes.set(path, await reader.read(path))
  }
  const zeros = Buffer.alloc(300 * 2 ** 20)
  const bomb = new Uint8Array(gzipSync(Buffer.alloc(2 ** 30)))
  const replaced = (version: 2 | 3, find: RegExp, bytes: Uint8Array): Record<string, Uint8Array> =>
    Object.fromEntries(
      Object.entries(zarrFiles(version)).map(([name, old]) => [name, find.test(name) ? bytes : old]),
    )
  const edited = (version: 2 | 3, find: RegExp, edit: (text: string) => string): Record<string, Uint8Array> =>
    Object.fromEntries(
      Object.entries(zarrFiles(version)).map(([name, old]) => [
        name,
        find.test(name) ? Buffer.from(edit(Buffer.from(old).toString())) : old,
      ]),
    )
  for (const version of [2, 3] as const) {
    await read(`bomb${version}`, replaced(version, /^0\/.*[01]$/, bomb), false)
    await read(`bomb${version}`, replaced(version, /^0\/.*[01]$/, bomb), true)
    await read(`zip-bomb${version}`, replaced(version, /0.0.0$/, zeros), true)
    await read(
      `deep${version}`,
      edited(version, /(zattrs|^zarr.json)$/, () => '['.repeat(5_000_000)),
      false,
    )
    await read(
      `deep-object${version}`,
      edited(version, /(zattrs|^zarr.json)$/, () => `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
      false,
    )
    await read(
      `huge-chunks${version}`,
      edited(version, /0\/(.zarray|zarr.json)$/, (text) => text.replace('[1,40,40]', '[1,400000,400000]')),
      false,
    )
    await read(
      `huge-shape${version}`,
      edited(version, /0\/(.zarray|zarr.json)$/, (text) => text.replace('[2,50,70]', '[2,1e12,1e12]')),
      false,
    )
    await read(
      `no-chunks${version}`,
      edited(version, /0\/(.zarray|zarr.json)$/, (text) => text.replace('[1,40,40]', '[0,-4,1.5]')),
      false,
    )
    await read(
      `climbing${version}`,
      edited(version, /(zattrs|^zarr.json)$/, (text) =>
        text.replace('"path":"0"', '"path":"../../../../../etc"'),
      ),
      false,
    )
  }
  const linked = join(folder, 'linked.zarr')
  for (const [file, bytes] of Object.entries(zarrFiles(3))) {
    await mkdir(join(linked, file, '..'), { recursive: true })
    await writeFile(join(linked, file), bytes)
  }
  await rm(join(linked, '0/c/0/0/0'))
  await symlink('/etc/hostname', join(linked, '0/c/0/0/0'))
  outcomes.set(linked, await reader.read(linked))

  expect([...outcomes].filter(([, outcome]) => outcome.kind !== 'refused')).toEqual([])
  expectPlain(outcomes)
})
