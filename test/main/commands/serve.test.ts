import { once } from 'node:events'
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { build, needsBuild } from '../../../src/main/commands/build-when-needed.ts'
import { createProject, openProject } from '../../../src/main/services/project.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { lineOf, segscope } from './segscope-process.ts'

describe('serve', () => {
  test('prints the address that opens the door, and lets the project go at the end', async () => {
    const folder = join(temporaryFolder(), 'Yeast')
    const made = await createProject(folder, { door: 'command line', name: 'Yeast' })
    made.close()
    let inside: Promise<Response> | undefined
    const ended = await segscope(['serve', '--project', folder], ({ kind, address }, kill) => {
      if (kind !== 'result') return
      inside = fetch(address as string, { redirect: 'manual' })
      void inside.finally(() => kill('SIGINT'))
    })
    expect(ended.stderr).toBe('')
    expect((await inside)?.status).toBe(303)
    expect(ended.status).toBe(130)
    const again = await openProject(folder, { door: 'command line' })
    again.close()
  })

  test('says which folder cannot be shown, and which port is taken', async () => {
    const missing = join(temporaryFolder(), 'missing')
    const refused = await segscope(['serve', '--folder', missing])
    expect(refused.status).toBe(1)
    expect(lineOf(refused, 'error')).toMatchObject({ code: 'folder-unreadable', file: missing })

    const other = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const second = await segscope(['serve', '--port', String(port)])
    expect(second.status).toBe(1)
    expect(lineOf(second, 'error')).toMatchObject({ code: 'port-taken' })
  })
})

describe('what start builds', () => {
  function repository(): string {
    const folder = temporaryFolder()
    for (const path of ['src/main', 'out/main', 'out/preload', 'out/renderer']) {
      mkdirSync(join(folder, path), { recursive: true })
    }
    for (const file of ['src/main/index.ts', 'electron.vite.config.ts', 'package-lock.json']) {
      writeFileSync(join(folder, file), '')
      utimesSync(join(folder, file), 1000, 1000)
    }
    for (const path of ['src/main', 'src']) utimesSync(join(folder, path), 1000, 1000)
    for (const file of ['out/main/index.js', 'out/preload/index.cjs', 'out/renderer/index.html']) {
      writeFileSync(join(folder, file), '')
      utimesSync(join(folder, file), 2000, 2000)
    }
    return folder
  }

  test('what is missing or older than its sources, a removed one too', () => {
    const folder = repository()
    expect(needsBuild(folder)).toBe(false)
    utimesSync(join(folder, 'src/main/index.ts'), 3000, 3000)
    expect(needsBuild(folder)).toBe(true)
    utimesSync(join(folder, 'src/main/index.ts'), 1000, 1000)
    expect(needsBuild(folder)).toBe(false)
    rmSync(join(folder, 'src/main/index.ts'))
    expect(needsBuild(folder)).toBe(true)

    const stopped = repository()
    rmSync(join(stopped, 'out/renderer/index.html'))
    expect(needsBuild(stopped)).toBe(true)
  })

  test('a build that fails says why', async () => {
    const folder = repository()
    await expect(build(folder, AbortSignal.timeout(20_000))).rejects.toMatchObject({
      code: 'build-failed',
      message: expect.stringContaining('electron-vite.js') as string,
    })
  })
})
