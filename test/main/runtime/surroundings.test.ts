import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findCompiler } from '../../../src/main/runtime/build-binding.ts'
import { indexOfPip } from '../../../src/main/runtime/pip-configuration.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

it("takes pip's index: the environment's, else the user's configuration's", async () => {
  const home = temporaryFolder()
  const environment = { HOME: home, PIP_CONFIG_FILE: join(home, 'absent') }
  const configuration = join(home, '.config', 'pip')
  mkdirSync(configuration, { recursive: true })
  writeFileSync(
    join(configuration, 'pip.conf'),
    '[global]\ntimeout = 60\nindex-url = https://mirror.example/simple\n[list]\nindex-url = https://other.example/\n',
  )
  expect(await indexOfPip(environment)).toBe('https://mirror.example/simple')
  const set = { ...environment, PIP_INDEX_URL: 'https://set.example/simple' }
  expect(await indexOfPip(set)).toBe('https://set.example/simple')
})

it('says how to get a compiler where there is none', async () => {
  await expect(findCompiler({ PATH: temporaryFolder() })).rejects.toMatchObject({
    code: 'compiler-missing',
    remedy: expect.stringContaining('apt install g++') as unknown,
  })
  await expect(findCompiler({ PATH: '', CXX: '/no/compiler' })).rejects.toMatchObject({
    message: expect.stringContaining('/no/compiler') as unknown,
  })
})
