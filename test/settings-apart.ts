import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Tests neither follow the settings and measured engines of the person who runs them, nor add to their recent projects. */
export default function keepSettingsApart(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'segscope-test-settings-'))
  process.env['XDG_CONFIG_HOME'] = folder
  return () => {
    rmSync(folder, { recursive: true, force: true })
  }
}
