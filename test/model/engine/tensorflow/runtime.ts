import { listInstalledRuntimes } from '../../../../src/model/engine/tensorflow/installed-runtime.ts'

/** Whether TensorFlow's runtime is installed on this machine (`npm run test:tensorflow` installs it); its tests skip otherwise. */
export const hasRuntime = listInstalledRuntimes().length > 0

if (!hasRuntime) {
  console.warn('The TensorFlow runtime is not installed: tests that need it are skipped.')
}
