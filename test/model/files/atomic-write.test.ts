import { chmod, copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { removePartialFiles, writeFileAtomically } from '../../../src/model/files/atomic-write.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segscope-atomic-'))
  path = join(folder, 'checkpoint.safetensors')
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

it('replaces the old file by the whole new one and leaves nothing else', async () => {
  await writeFile(path, 'old')
  await writeFileAtomically(path, [Buffer.from('new '), Buffer.alloc(0), Buffer.from('file')])
  expect(await readFile(path, 'utf8')).toBe('new file')
  expect(await readdir(folder)).toEqual(['checkpoint.safetensors'])
})

it('until the last byte is written the old file stands under its name; a failure leaves it there, alone', async () => {
  await writeFile(path, 'old')
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half of the n')
    expect(await readFile(path, 'utf8')).toBe('old')
    throw new Error('power cut')
  }
  await expect(writeFileAtomically(path, breaking())).rejects.toThrow('power cut')
  expect(await readFile(path, 'utf8')).toBe('old')
  expect(await readdir(folder)).toEqual(['checkpoint.safetensors'])
})

it('a full disk is told as such, with what to do', async () => {
  function* full(): Generator<Uint8Array> {
    yield Buffer.from('some')
    // What Node's file functions throw then.
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    })
  }
  await expect(writeFileAtomically(path, full())).rejects.toMatchObject({
    code: 'disk-full',
    file: path,
    remedy: expect.stringContaining('Free some space') as string,
  })
  expect(await readdir(folder)).toEqual([])
})

it('a folder that is missing is told with the path', async () => {
  const elsewhere = join(folder, 'absent', 'file')
  await expect(writeFileAtomically(elsewhere, [])).rejects.toMatchObject({
    code: 'write-failed',
    file: elsewhere,
  })
})

// The superuser may write everywhere, and Windows has other rights.
it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'a folder without the right to write',
  async () => {
    await chmod(folder, 0o500)
    await expect(writeFileAtomically(path, [])).rejects.toMatchObject({
      code: 'file-not-writable',
      file: path,
    })
    await chmod(folder, 0o700)
  },
)

it('what a killed writer has left can be removed, and nothing else is', async () => {
  async function* neverEnding(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half')
    const [partial = ''] = await readdir(folder)
    await copyFile(join(folder, partial), join(folder, `.other${partial}`))
  }
  await writeFileAtomically(path, neverEnding())
  await writeFile(join(folder, '.hidden.part'), 'of somebody else')
  expect(await readdir(folder)).toHaveLength(3)
  await removePartialFiles(folder)
  expect((await readdir(folder)).sort()).toEqual(['.hidden.part', 'checkpoint.safetensors'])
})
