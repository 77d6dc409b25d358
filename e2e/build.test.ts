import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const repository = resolve(import.meta.dirname, '..')

test('every module of main and model keeps its place in the build, where the others look for workers', () => {
  const modules = globSync('src/{main,model}/**/*.ts', { cwd: repository })
  const missing = modules.filter(
    (path) => !existsSync(resolve(repository, path.replace(/^src/, 'out').replace(/ts$/, 'js'))),
  )
  expect(modules.length).toBeGreaterThan(100)
  expect(missing).toEqual([])
})

test('the built command line finds its libraries', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    resolve(repository, 'out/main/cli.js'),
    'doctor',
    '--json',
  ])
  expect(JSON.parse(stdout)).toMatchObject({ kind: 'result', training: { engine: 'onnxruntime' } })
})
