import {
  type InstalledRuntime,
  listInstalledRuntimes,
  runtimesFolder,
} from '../../model/engine/tensorflow/installed-runtime.ts'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import type { PackageSource } from '../../preload/contract/settings.ts'
import type { InstallationPlan, Runtime } from '../../preload/contract/engines.ts'
import { chooseWheels } from '../runtime/choose-wheels.ts'
import { examineMachine, requireGpu } from '../runtime/examine-machine.ts'
import { installPhases } from '../runtime/install-phases.ts'
import {
  type InstallEvent,
  type InstallSurroundings,
  installTensorFlow,
  removeTensorFlow,
  unpackedFactor,
} from '../runtime/install-tensorflow.ts'
import { wheelSource } from '../runtime/wheel-source.ts'
import { toProblem } from '../to-problem.ts'
import type { Changes } from './changes.ts'

/** TensorFlow's runtime as pages manage it: it goes on being installed whatever page is shown. */
export class TensorFlowRuntime {
  readonly #changes: Changes
  readonly #onInstalled: (signal: AbortSignal) => Promise<void>
  readonly #surroundings: Partial<InstallSurroundings>
  #stopping: AbortController | undefined
  #installing: Runtime['installing']
  #problem: Runtime['problem']

  /**
   * @param changes told of progress and results
   * @param onInstalled called when another runtime is there
   */
  constructor(
    changes: Changes,
    onInstalled: (signal: AbortSignal) => Promise<void>,
    surroundings: Partial<InstallSurroundings> = {},
  ) {
    this.#changes = changes
    this.#onInstalled = onInstalled
    this.#surroundings = surroundings
  }

  describe(): Runtime {
    const [installed] = listInstalledRuntimes()
    return {
      ...(installed !== undefined && { installed: describeInstalled(installed) }),
      ...(this.#installing !== undefined && { installing: this.#installing }),
      ...(this.#problem !== undefined && { problem: this.#problem }),
    }
  }

  /**
   * Asks the package index what installing would take.
   * @param source null: the usual one
   * @throws SegscopeError as `examineMachine`, `requireGpu` and `chooseWheels`
   */
  async plan(
    variant: 'cpu' | 'gpu',
    source: PackageSource | null,
    signal: AbortSignal,
  ): Promise<InstallationPlan> {
    const machine = await (this.#surroundings.examineMachine ?? examineMachine)()
    if (variant === 'gpu') requireGpu(machine)
    const { version, wheels } = await chooseWheels(
      await wheelSource(source),
      variant,
      machine.platform,
      signal,
    )
    const sizes = wheels.map(({ size }) => size)
    const downloadBytes = sizes.reduce(
      (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
      0,
    )
    const [installed] = listInstalledRuntimes()
    return {
      version,
      variant,
      ...(downloadBytes !== undefined && {
        downloadBytes,
        diskBytes: downloadBytes * unpackedFactor,
      }),
      folder: runtimesFolder(),
      isInstalled: installed?.version === version && installed.variant === variant,
    }
  }

  /**
   * Begins to install; returns at once.
   * @param source null: the usual one
   * @throws SegscopeError `installation-running`
   */
  install(variant: 'cpu' | 'gpu', source: PackageSource | null): void {
    if (this.#stopping !== undefined) {
      throw new SegscopeError('installation-running', 'TensorFlow is being installed already.', {
        remedy: 'Wait for its end, or cancel it.',
      })
    }
    const { signal } = (this.#stopping = new AbortController())
    this.#problem = undefined
    this.#show(variant, 0, 'asking the package index')
    void this.#install(variant, source, signal)
  }

  /** Nothing happens where nothing is being installed. */
  cancel(): void {
    this.#stopping?.abort()
  }

  /** @throws SegscopeError `installation-running`, or where files cannot be removed */
  async remove(): Promise<void> {
    if (this.#stopping !== undefined) {
      throw new SegscopeError('installation-running', 'TensorFlow is being installed.', {
        remedy: 'Cancel that first.',
      })
    }
    this.#problem = undefined
    await removeTensorFlow(runtimesFolder())
    this.#changes.tell()
  }

  async #install(variant: 'cpu' | 'gpu', source: PackageSource | null, signal: AbortSignal): Promise<void> {
    try {
      await installTensorFlow(
        {
          folder: runtimesFolder(),
          source: await wheelSource(source),
          variant,
          signal,
          onEvent: (event) => this.#follow(event, variant),
        },
        this.#surroundings,
      )
      this.#show(variant, 1, 'measuring it')
      await this.#onInstalled(signal)
    } catch (thrown) {
      if (!(thrown instanceof CancelledError)) this.#problem = toProblem(thrown)
    } finally {
      this.#stopping = undefined
      this.#installing = undefined
      this.#changes.tell()
    }
  }

  #follow(event: InstallEvent, variant: 'cpu' | 'gpu'): void {
    if (event.kind === 'progress') this.#show(variant, event.fraction, installPhases[event.phase])
  }

  #show(variant: 'cpu' | 'gpu', fraction: number, label: string): void {
    this.#installing = { variant, fraction: Math.min(fraction, 1), label }
    this.#changes.tell()
  }
}

function describeInstalled({
  version,
  variant,
  size,
  folder,
}: InstalledRuntime): NonNullable<Runtime['installed']> {
  return { version, variant, bytes: size, folder }
}
