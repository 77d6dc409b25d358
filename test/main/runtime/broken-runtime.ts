import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bindingPath } from '../../../src/model/engine/tensorflow/installed-runtime.ts'

/** Puts a runtime of TensorFlow into the folder of runtimes that looks installed, and whose addon is none. */
export function installBrokenRuntime(runtimes: string): void {
  const folder = join(runtimes, '2.21.0-cpu')
  mkdirSync(dirname(bindingPath(folder)), { recursive: true })
  writeFileSync(bindingPath(folder), 'no addon')
  const description = {
    version: '2.21.0',
    variant: 'cpu',
    device: 'cpu',
    size: 850_000_000,
    sources: [],
    installed: '2026-11-26T10:00:00.000Z',
  }
  writeFileSync(join(folder, 'runtime.json'), JSON.stringify(description))
}
