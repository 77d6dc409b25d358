import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { hasSoftwareVulkan, unpackSoftwareVulkan } from './software-vulkan.ts'

interface Answer {
  device?: string
  differences?: number[]
  code?: string
  message?: string
}

/** A driver is found by the environment that a process begins with. */
async function runWith(env: NodeJS.ProcessEnv): Promise<Answer> {
  const script = join(import.meta.dirname, 'webgpu-process.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env })
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Answer
}

describe.skipIf(!hasSoftwareVulkan)('ONNX Runtime by WebGPU, on a Vulkan driver', () => {
  it('passes the self-test, and predicts as on the processor, whatever the size', async () => {
    const { device, differences } = await runWith(unpackSoftwareVulkan())
    expect(device).toBe('webgpu')
    expect(differences).toHaveLength(2)
    expect(Math.max(...(differences as number[]))).toBeLessThan(1e-3)
  })

  it('without a driver says that there is no GPU', async () => {
    const answer = await runWith({ ...unpackSoftwareVulkan(), VK_ICD_FILENAMES: '/no/driver.json' })
    expect(answer.code).toBe('gpu-missing')
    expect(answer.message).toMatch(/^ONNX Runtime finds no GPU here: Failed to get a WebGPU adapter/)
  })
})
