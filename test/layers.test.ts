import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const repository = resolve(import.meta.dirname, '..')

/** A house in which each rule of .dependency-cruiser.cjs is broken once. */
const house: Record<string, string> = {
  'model/tensor.ts': 'export type Tensor = number[]; export const zero = 0',
  'model/reaches-out.ts': "import '../main/service.ts'",
  'model/opens-database.ts': "import 'better-sqlite3'",
  'model/uses-a-tool.ts': "import 'vitest'",
  'model/tells-others.ts': "import 'onnxruntime-node'",
  'model/misspells.ts': "import './tenser.ts'",
  'model/hen.ts': "import './egg.ts'",
  'model/egg.ts': "import './hen.ts'",
  'model/forgotten.ts': '',
  'main/service.ts': 'export type Service = string',
  'main/shows-page.ts': "import '../renderer/reads-files.ts'",
  'main/opens-window.ts': "import 'electron'",
  'main/parses-options.ts': "import 'commander'",
  'main/cli.ts': `
    import '../model/reaches-out.ts'
    import '../model/opens-database.ts'
    import '../model/uses-a-tool.ts'
    import '../model/tells-others.ts'
    import '../model/misspells.ts'
    import '../model/hen.ts'
    import './shows-page.ts'
    import './opens-window.ts'
    import './parses-options.ts'
    import '../preload/contract/index.ts'
    import 'commander'
  `,
  'preload/contract/index.ts': `
    import type { Tensor } from '../../model/tensor.ts'
    import { zero } from '../../model/tensor.ts'
    import type { Service } from '../../main/service.ts'
    export type Message = { tensor: Tensor; zero: typeof zero; service: Service }
  `,
  'preload/index.ts': "import './contract/index.ts'; import '../main/service.ts'; import 'electron'",
  'renderer/main.ts': "import './Page.vue'; import './reads-files.ts'; import './computes.ts'",
  'renderer/Page.vue': `
    <script setup lang="ts">
    import type { Message } from '../preload/contract/index.ts'
    import type { Tensor } from '../model/tensor.ts'
    defineProps<{ message: Message; tensor: Tensor }>()
    </script>
    <template><p /></template>
  `,
  'renderer/reads-files.ts': "import 'node:fs'",
  'renderer/computes.ts': "import 'onnxruntime-node'",
}

test('each rule of the layers names its breach, and nothing else is one', async () => {
  expect(await findBreaches()).toEqual([
    'commander-stays-at-its-door: main/parses-options.ts',
    'contract-knows-the-model-only: preload/contract/index.ts',
    'contract-takes-types-only: preload/contract/index.ts',
    'declared-dependencies-only: model/uses-a-tool.ts',
    'electron-stays-at-its-door: main/opens-window.ts',
    'everything-resolves: model/misspells.ts',
    'main-knows-no-page: main/shows-page.ts',
    'model-runs-in-any-node-process: model/opens-database.ts',
    'model-stands-alone: model/reaches-out.ts',
    'no-cycles: model/egg.ts',
    'no-unreachable-modules: model/forgotten.ts',
    'onnx-runtime-without-telemetry: model/tells-others.ts',
    'page-has-no-native-libraries: renderer/computes.ts',
    'page-has-no-node: renderer/reads-files.ts',
    'page-talks-through-the-contract: renderer/Page.vue',
    'preload-hands-over-only: preload/index.ts',
  ])
})

/** `rule: file` of every violation in the house. */
async function findBreaches(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'segscope-layers-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'), 'junction')
  await copyFile(join(repository, 'package.json'), join(folder, 'package.json'))
  for (const [path, content] of Object.entries(house)) {
    await mkdir(dirname(join(folder, 'src', path)), { recursive: true })
    await writeFile(join(folder, 'src', path), content)
  }
  const cruiser = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const configuration = join(repository, '.dependency-cruiser.cjs')
  const output = await new Promise<string>((done) => {
    const settings = ['--config', configuration, '--output-type', 'json', 'src']
    execFile(
      process.execPath,
      [cruiser, ...settings],
      { cwd: folder, maxBuffer: 2 ** 26 },
      (_error, stdout) => {
        done(stdout)
      },
    )
  })
  const { summary } = JSON.parse(output) as {
    summary: { violations: { rule: { name: string }; from: string; to: string }[] }
  }
  const breaches = summary.violations.map(({ rule, from, to }) => {
    const file = rule.name === 'no-unreachable-modules' ? to : from
    return `${rule.name}: ${file.replace('src/', '')}`
  })
  return [...new Set(breaches)].sort()
}
