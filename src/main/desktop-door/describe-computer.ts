import { app } from 'electron'
import type { About } from '../../preload/contract/about.ts'

/** Versions, and what Electron knows of the graphics: for reports of problems with what is drawn. */
export async function describeComputer(about: About): Promise<string> {
  const features = Object.entries(app.getGPUFeatureStatus()).map(([name, status]) => `  ${name}: ${status}`)
  const graphics = await app.getGPUInfo('basic').catch((error: unknown) => String(error))
  return [
    `Segscope ${about.segscope}, Electron ${process.versions.electron}, Chromium ${process.versions.chrome}, ${about.platform}`,
    'Graphics:',
    ...features,
    `  ${JSON.stringify(graphics)}`,
  ].join('\n')
}
