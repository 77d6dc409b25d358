import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { installedVersion } from '../../../src/model/engine/engines.ts'
import { hasSoftwareVulkan, unpackSoftwareVulkan } from '../../model/engine/onnxruntime/software-vulkan.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const program = resolve(import.meta.dirname, '../../../bin/segscope.js')

/** What it says of the engine on a GPU, with Vulkan drivers as given and nothing measured but what is given. */
async function askDoctor(environment: NodeJS.ProcessEnv, measurements: object[] = []): Promise<string> {
  const settings = temporaryFolder()
  mkdirSync(join(settings, 'segscope'))
  writeFileSync(join(settings, 'segscope', 'engines.json'), JSON.stringify(measurements))
  const env = { ...environment, XDG_CONFIG_HOME: settings, SEGSCOPE_RUNTIMES: settings }
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'doctor'], { env })
  return /^ {2}ONNX Runtime on the GPU +(.*)$/m.exec(stdout)?.[1] ?? stdout
}

describe.skipIf(!hasSoftwareVulkan)('doctor, of an engine that was not measured', () => {
  it('says that there is no GPU, and what to do', async () => {
    const found = await askDoctor({ ...unpackSoftwareVulkan(), VK_ICD_FILENAMES: '/no/driver.json' })
    expect(found).toMatch(/^\d+\.\S+ ONNX Runtime finds no GPU here: .*adapter.*install its driver/)
  })

  it('finds the GPU that was not there when it was measured', async () => {
    const missing = {
      name: 'onnxruntime-webgpu',
      version: installedVersion('onnxruntime-webgpu'),
      problem: { code: 'gpu-missing', message: 'ONNX Runtime finds no GPU here.' },
      measured: '2026-11-26T10:00:00.000Z',
    }
    expect(await askDoctor(unpackSoftwareVulkan(), [missing])).toContain('not measured yet')
  })
})
