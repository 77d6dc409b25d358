/**
 * How fast the network and the application run here: `npm run bench -- [--json] [--torch PYTHON]`. With a Python that has PyTorch the same
 * network runs there too, in turn with ours. What fails is named at the end, beside the figures of all else, and in the exit status.
 */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build, needsBuild } from '../src/main/commands/build-when-needed.ts'
import { measureApplication } from './application-speed.ts'
import { measureFolder } from './folder-speed.ts'
import { measureNetwork } from './network-speed.ts'
import { Parts } from './parts.ts'
import { asObject, asTable, type BenchResults } from './report.ts'

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, torch: { type: 'string' } },
})
const threads = availableParallelism()
const parts = new Parts()
const network = await measureNetwork(threads, options.torch, parts)
const folder = await parts.run('a folder', () => measureFolder(threads))
const repository = resolve(import.meta.dirname, '..')
await parts.run('building the application', async () => {
  if (needsBuild(repository)) await build(repository, AbortSignal.timeout(600_000))
})
const application = await measureApplication(parts)
const results: BenchResults = {
  threads,
  network,
  folder,
  application,
  // Node counts in KiB.
  peakMegabytes: (process.resourceUsage().maxRSS * 1024) / 1e6,
  errors: parts.errors,
}
console.log(options.json ? JSON.stringify(asObject(results)) : asTable(results))
if (parts.errors.length > 0) process.exitCode = 1
