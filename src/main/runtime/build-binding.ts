import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { CancelledError, describeError, SegscopeError } from '../../model/errors.ts'
import { bindingPath } from '../../model/engine/tensorflow/installed-runtime.ts'

const run = promisify(execFile)
const load = createRequire(import.meta.url)

/** What the addon needs of TensorFlow's headers: the C interface and what it includes. */
export function isNeededHeader(name: string): boolean {
  return /^tensorflow\/include\/(tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl\/c)\/.*\.h$/.test(
    name,
  )
}

/**
 * The C++ compiler of this machine: CXX, else the usual names.
 * @throws SegscopeError `compiler-missing`
 */
export async function findCompiler(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { CXX } = environment
  const names = CXX === undefined || CXX === '' ? ['g++', 'c++', 'clang++'] : [CXX]
  for (const name of names) {
    try {
      await run(name, ['--version'], { env: environment })
      return name
    } catch {
      // Not this one; the error below says that there is none.
    }
  }
  throw new SegscopeError(
    'compiler-missing',
    `TensorFlow's addon is built on this machine, which needs a C++ compiler; none was found (${names.join(', ')}).`,
    {
      remedy:
        'Install one ("sudo apt install g++" on Debian and Ubuntu, "sudo dnf install gcc-c++" on Fedora), or name yours in CXX, and run the same again.',
    },
  )
}

/**
 * Builds tfjs-node-gpu's addon from the sources in its npm package against an unpacked TensorFlow. node-gyp, which that package would
 * use, needs Python and downloads Node's headers; these come with node-api-headers.
 * @param folder of the runtime: TensorFlow in `tensorflow/`; the addon goes to `binding/`
 * @throws SegscopeError `engine-package-missing`, `build-failed`; CancelledError
 */
export async function buildBinding(compiler: string, folder: string, signal: AbortSignal): Promise<void> {
  const output = bindingPath(folder)
  await mkdir(dirname(output), { recursive: true })
  const { sources, nodeHeaders } = findSources()
  const library = join(folder, 'tensorflow')
  const flags = [
    ['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
    ['-I', nodeHeaders, '-I', join(library, 'include'), '-I', sources],
    ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(sources, 'binding', name)),
    ['-L', library, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    // Beside the addon, so that the runtime can be moved as a whole.
    ['-Wl,-rpath,$ORIGIN/../tensorflow', '-o', output],
  ].flat()
  try {
    await run(compiler, flags, { signal, maxBuffer: 2 ** 26 })
  } catch (thrown) {
    if (signal.aborted) throw new CancelledError()
    const { stderr } = thrown as { stderr?: string }
    const complaint = (stderr ?? '').split('\n').find((line) => /\berror\b|cannot/i.test(line))
    throw new SegscopeError(
      'build-failed',
      `${compiler} could not build TensorFlow's addon: ${complaint ?? describeError(thrown)}`,
      {
        cause: thrown,
        remedy: 'It takes GCC 9 or Clang 10, or newer. Name another compiler in CXX and run the same again.',
      },
    )
  }
}

function findSources(): { sources: string; nodeHeaders: string } {
  try {
    return {
      sources: dirname(load.resolve('@tensorflow/tfjs-node-gpu/package.json')),
      nodeHeaders: join(dirname(load.resolve('node-api-headers/package.json')), 'include'),
    }
  } catch (cause) {
    throw new SegscopeError(
      'engine-package-missing',
      "The npm package @tensorflow/tfjs-node-gpu, an optional part of Segscope's installation, is not there.",
      { cause, remedy: 'Run "npm ci" again, without --omit=optional.' },
    )
  }
}
