import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { installBrokenRuntime } from '../test/main/runtime/broken-runtime.ts'
import { makeWheel, startWheelServer } from '../test/main/runtime/wheel-server.ts'
import { temporaryFolder } from '../test/temporary-folder.ts'
import { startApplication } from './application.ts'
import { startBrowser } from './browser.ts'
import { violations } from './violations.ts'

/** A C++ compiler that does what a test wants of it. */
function writeCompiler(path: string, build: string): void {
  writeFileSync(path, `#!/bin/sh\nif [ "$1" = --version ]; then exit 0; fi\n${build}\n`)
  chmodSync(path, 0o755)
}

test.skipIf(process.platform !== 'linux')(
  'TensorFlow is installed, cancelled, found not to work and removed, by keyboard, each with its reason',
  async () => {
    const wheel = makeWheel('2.21.0')
    const server = await startWheelServer([wheel])
    const folder = temporaryFolder()
    const compiler = join(folder, 'compiler')
    const runtimes = join(folder, 'runtimes')
    writeCompiler(compiler, 'exec sleep 300')
    const application = await startApplication({
      environment: { PIP_INDEX_URL: server.index, CXX: compiler, SEGSCOPE_RUNTIMES: runtimes },
    })
    onTestFinished(application.stop)
    const { openContext, stop } = await startBrowser()
    onTestFinished(stop)
    const page = await (await openContext()).newPage()
    await page.goto(application.address)
    await page.getByRole('button', { name: 'New project' }).waitFor()
    await page.keyboard.press('Control+,')

    const computing = page.getByRole('region', { name: 'Computing' })
    await computing.getByText('ONNX Runtime. It is the only one here.').first().waitFor()
    await computing.getByRole('cell', { name: 'not installed' }).waitFor()
    expect(await violations(page)).toEqual([])

    const dialog = page.getByRole('dialog', { name: 'Install TensorFlow' })
    const openDialog = async (): Promise<void> => {
      await computing.getByRole('button', { name: 'Install TensorFlow…' }).focus()
      await page.keyboard.press('Enter')
      await dialog.waitFor()
    }
    const closeDialog = async (): Promise<void> => {
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'hidden' })
    }
    const installButton = dialog.getByRole('button', { name: 'Install', exact: true })
    /** As soon as the size is known. */
    const pressInstall = async (): Promise<void> => {
      await expect.poll(() => installButton.isEnabled()).toBe(true)
      await installButton.press('Enter')
      await dialog.waitFor({ state: 'hidden' })
    }
    const install = async (): Promise<void> => {
      await openDialog()
      await pressInstall()
    }

    await openDialog()
    await dialog.getByText(/TensorFlow 2\.21\.0: [\d.]+ kB to download, up to/).waitFor()
    expect(server.sent).toBe(0)
    await dialog.getByLabel('To compute on').selectOption({ label: 'An NVIDIA GPU' })
    await dialog.getByRole('alert').waitFor()
    expect(await violations(page)).toEqual([])
    await closeDialog()
    await openDialog()
    await dialog.getByLabel('To compute on').selectOption({ label: 'The processor' })
    await closeDialog()

    await install()
    await computing.getByText('Installing TensorFlow for the processor: building the addon').waitFor()
    // It goes on whatever page is shown.
    await page.reload()
    await page.getByRole('button', { name: 'New project' }).waitFor()
    await page.keyboard.press('Control+,')
    await computing.getByText('Installing TensorFlow for the processor: building the addon').waitFor()
    expect(await violations(page)).toEqual([])
    await computing.getByRole('button', { name: 'Cancel installing TensorFlow' }).press('Enter')
    await computing.getByRole('button', { name: 'Install TensorFlow…' }).waitFor()
    await expect.poll(() => computing.getByRole('alert').count()).toBe(0)

    writeCompiler(compiler, "echo 'tfjs_backend.cc: error: it is too old' >&2; exit 1")
    await install()
    await computing.getByRole('alert').getByText('error: it is too old').waitFor()
    // What was downloaded before was not downloaded again.
    expect(server.sent).toBe(wheel.bytes.length)

    writeCompiler(compiler, 'for last; do :; done; echo nothing > "$last"')

    // From another place, which is kept: what is wrong with one is said in words of this page.
    const home = join(application.folder, 'home')
    writeFileSync(join(home, wheel.name), wheel.bytes)
    await openDialog()
    await dialog.getByText('Another place to fetch it from').press('Enter')
    const place = dialog.getByLabel('Package index, or folder of wheels')
    const fetchFrom = async (entered: string): Promise<void> => {
      await place.fill(entered)
      await place.press('Tab')
    }
    await fetchFrom('https://me:secret@127.0.0.1/simple')
    await dialog.getByText('without user and password, or the whole path of a folder').waitFor()
    await expect.poll(() => installButton.isDisabled()).toBe(true)
    expect(await violations(page)).toEqual([])
    await fetchFrom(server.index.replace('/simple', '/nothing'))
    await dialog.getByRole('alert').getByText('has no tensorflow-cpu').waitFor()
    await fetchFrom(join(home, 'none'))
    await dialog
      .getByRole('alert')
      .getByText(/The folder of wheels .* cannot be read: it is not there/)
      .waitFor()
    expect(await dialog.getByRole('alert').textContent()).not.toMatch(/ --\w/)
    await dialog.getByRole('button', { name: 'Choose a folder…' }).press('Enter')
    await page.getByRole('button', { name: 'Choose “home”' }).press('Enter')
    await dialog.getByText(/TensorFlow 2\.21\.0: [\d.]+ kB to download/).waitFor()
    await pressInstall()
    await computing.getByRole('alert').getByText('TensorFlow does not work on this machine').waitFor()
    expect(await violations(page)).toEqual([])

    // Installed elsewhere, or worked once.
    installBrokenRuntime(runtimes)
    await page.reload()
    await page.getByRole('button', { name: 'New project' }).waitFor()
    await page.keyboard.press('Control+,')
    await computing.getByText('TensorFlow 2.21.0 for the processor, 850 MB').waitFor()
    await computing.getByRole('button', { name: 'Measure TensorFlow' }).press('Enter')
    await computing.getByRole('cell', { name: /cannot be used: TensorFlow does not load/ }).waitFor()
    await computing.getByLabel('Engine').selectOption({ label: 'TensorFlow' })
    await computing
      .getByText(/ONNX Runtime\. You chose TensorFlow\. TensorFlow cannot be used/)
      .first()
      .waitFor()
    expect(await violations(page)).toEqual([])

    await computing.getByRole('button', { name: 'Remove TensorFlow…' }).press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).press('Enter')
    await computing.getByRole('button', { name: 'Install TensorFlow…' }).waitFor()
    await computing
      .getByText(/You chose TensorFlow\. TensorFlow is not installed/)
      .first()
      .waitFor()
    await openDialog()
    await dialog.getByText(home, { exact: true }).waitFor()
    await dialog.getByText(/TensorFlow 2\.21\.0: [\d.]+ kB to download/).waitFor()
    expect(server.sent).toBe(wheel.bytes.length)
  },
)
