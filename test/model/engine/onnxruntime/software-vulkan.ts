import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { temporaryFolder } from '../../../temporary-folder.ts'

const archive = resolve(
  import.meta.dirname,
  '../../../../node_modules/@sparticuz/chromium/bin/swiftshader.tar.br',
)

/** Whether the driver below is for this machine. */
export const hasSoftwareVulkan = process.platform === 'linux' && process.arch === 'x64' && existsSync(archive)

/**
 * Unpacks the Vulkan loader and SwiftShader, Vulkan on the processor, that come with @sparticuz/chromium: what WebGPU needs where there
 * is no GPU.
 * @returns the environment of a process that is to find them
 */
export function unpackSoftwareVulkan(): NodeJS.ProcessEnv {
  const folder = temporaryFolder()
  execFileSync('tar', ['-x', '-C', folder], { input: brotliDecompressSync(readFileSync(archive)) })
  return {
    ...process.env,
    LD_LIBRARY_PATH: folder,
    VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'),
    XDG_RUNTIME_DIR: folder,
  }
}
