import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SegscopeError } from '../../errors.ts'
import type { NativeTensorFlow, TensorHandle } from './native.ts'
import { type GraphNode, savedModelTag, serialiseSavedModel } from './saved-model.ts'

/** What a run is given: values by the name of the placeholder. */
export type Feeds = Readonly<Record<string, { data: Float32Array | Int32Array; shape: readonly number[] }>>

/** The error of something that TensorFlow refused or broke off. */
export function engineError(what: string, cause: unknown): SegscopeError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const memory = /OOM|alloc|memory|RESOURCE_EXHAUSTED/i.test(reason)
  return new SegscopeError('engine-failed', `TensorFlow could not ${what}: ${reason}`, {
    cause,
    remedy: memory
      ? 'Close other programs, or choose a smaller batch or tile size.'
      : 'Run "segscope doctor" and report this with its output, or choose another engine.',
  })
}

/**
 * A graph compiled as a whole, with variables of its own. TensorFlow's addon has no way to compile a graph but as a saved
 * model; one operator at a time, as tfjs runs them, a training step takes more than twice as long.
 */
export class TensorFlowSession {
  readonly #native: NativeTensorFlow
  readonly #id: number

  private constructor(native: NativeTensorFlow, id: number) {
    this.#native = native
    this.#id = id
  }

  /** @throws SegscopeError `engine-failed` */
  static async create(native: NativeTensorFlow, nodes: readonly GraphNode[]): Promise<TensorFlowSession> {
    const folder = await mkdtemp(join(tmpdir(), 'segscope-graph-'))
    try {
      await writeFile(join(folder, 'saved_model.pb'), serialiseSavedModel(nodes))
      return new TensorFlowSession(native, native.backend.loadSavedModelMetaGraph(folder, savedModelTag))
    } catch (cause) {
      throw engineError('prepare the network', cause)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  /**
   * Runs the part of the graph that these outputs need.
   * @returns copies, in the order of `outputs`
   * @throws Error with TensorFlow's reason
   */
  run(feeds: Feeds, outputs: readonly string[]): Float32Array[] {
    const names = Object.keys(feeds)
    const inputs: TensorHandle[] = []
    let results: TensorHandle[] = []
    try {
      for (const { data, shape } of Object.values(feeds)) {
        inputs.push(
          this.#native.core.tensor(
            offAlignment(data),
            shape,
            data instanceof Int32Array ? 'int32' : 'float32',
          ),
        )
      }
      results = this.#native.backend.runSavedModel(
        this.#id,
        inputs,
        names.map((name) => ({ name: `${name}:0` })),
        outputs.map((name) => `${name}:0`),
      )
      return results.map((result) => result.dataSync() as Float32Array)
    } finally {
      for (const tensor of [...inputs, ...results]) tensor.dispose()
    }
  }

  dispose(): void {
    this.#native.backend.deleteSavedModel(this.#id)
  }
}

/**
 * The same values 4 bytes behind an even place. TensorFlow copies data that do not lie at a multiple of 64 bytes, and shares what
 * does; shared memory is given back in whatever thread let go last, where the addon must not touch Node.
 */
function offAlignment<Data extends Float32Array | Int32Array>(data: Data): Data {
  if (data.byteOffset % 8 === 4) return data
  const Type = data.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => Data
  const copy = new Type(new ArrayBuffer(data.byteLength + 4), 4, data.length)
  copy.set(data)
  return copy
}
