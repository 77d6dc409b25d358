import { mkdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Predictor } from '../../model/engine/engine.ts'
import { CancelledError, describeError, SegscopeError } from '../../model/errors.ts'
import type { ImageSource } from '../../model/images/image-source.ts'
import {
  predictImage,
  prepareImage,
  type PredictionSettings,
  type PreparedImage,
} from '../../model/prediction/predict-image.ts'
import { fileOf } from '../../preload/contract/image-address.ts'
import type { WrittenClass } from '../imaging/label-writers/written-labels.ts'
import { openImage } from '../imaging/open-image.ts'
import { removeAbandonedTemporaries } from '../imaging/temporary-file.ts'
import { outputError } from '../imaging/write-errors.ts'
import { RunProgress } from './run-progress.ts'
import type { SegmentationEvent, SegmentationSummary } from './segmentation-events.ts'
import { fileStateOf, SegmentationLedger, type FileState } from './segmentation-ledger.ts'
import { nameOutputs, type SegmentationJob } from './segmentation-outputs.ts'
import { SegmentationWriter } from './segmentation-writer.ts'
import { settle } from './settle.ts'
import { TimedPredictor } from './timed-predictor.ts'

export interface FolderSegmentation {
  /** Absolute paths, all inside `imagesFolder`. */
  images: readonly string[]
  imagesFolder: string
  /** Made where it is missing. */
  outFolder: string
  /** One with `output: 'probabilities'`. It is not disposed of. */
  predictor: Predictor
  /** What tells the checkpoint from every other one: results of another checkpoint are made anew. */
  checkpoint: string
  settings: PredictionSettings
  /** Of the network, by value: named and coloured in what is written. */
  classes: readonly WrittenClass[]
  probabilities: boolean
  flips: boolean
  /** Whether files that no run left in the output folder, or that were changed since, may be replaced. */
  overwrite: boolean
  signal?: AbortSignal | undefined
  onEvent: (event: SegmentationEvent) => void
}

/**
 * Segments images into label maps, and probabilities on request. While the network works on one image, the next is
 * read and the one before is written. A run that was stopped goes on where it was: what is done with the same
 * checkpoint and settings from an unchanged image is skipped. Images that fail are listed, and the others done.
 * @throws SegscopeError `disk-full`, `output-not-writable` of the output folder, `output-overwrites-image`;
 *   CancelledError: the images done so far are in place, and nothing is half written
 */
export async function segmentFolder(request: FolderSegmentation): Promise<SegmentationSummary> {
  const { images, imagesFolder, outFolder, onEvent } = request
  const jobs = nameOutputs(images, imagesFolder, request.probabilities)
  try {
    await mkdir(outFolder, { recursive: true })
  } catch (error) {
    throw outputError(outFolder, error)
  }
  await refuseToOverwriteImages(jobs, imagesFolder, outFolder)
  for (const { file, labels, renamed } of jobs) {
    if (renamed) onEvent({ kind: 'renamed', file, output: labels })
  }
  const ledger = await SegmentationLedger.open(outFolder)
  try {
    return await new FolderRun(request, jobs, ledger).run()
  } finally {
    await ledger.close()
  }
}

/** Images are never written to, whatever the user allows to be replaced. */
async function refuseToOverwriteImages(
  jobs: readonly SegmentationJob[],
  imagesFolder: string,
  outFolder: string,
): Promise<void> {
  const [from, to] = await Promise.all([realpath(imagesFolder), realpath(outFolder)])
  const images = new Set(jobs.map(({ file }) => join(from, fileOf(file)).toLowerCase()))
  for (const output of jobs.flatMap(outputsOf)) {
    const path = join(to, output)
    if (!images.has(path.toLowerCase())) continue
    throw new SegscopeError(
      'output-overwrites-image',
      `The result ${path} would replace one of the images.`,
      {
        file: path,
        remedy: 'Choose another output folder.',
      },
    )
  }
}

function outputsOf({ labels, probabilities }: SegmentationJob): string[] {
  return probabilities === undefined ? [labels] : [labels, probabilities]
}

/** An image that is open, with the first rows of its first page read. */
interface OpenedImage {
  kind: 'opened'
  job: SegmentationJob
  source: ImageSource
  state: FileState
  firstPage: PreparedImage
}

type Preparation = OpenedImage | { kind: 'skipped' } | { kind: 'failed'; error: unknown }

/** An image that the network is done with; its last rows are still being written. */
interface ComputedImage extends OpenedImage {
  writer: SegmentationWriter
  writing: Promise<() => void>
  start: number
  networkMilliseconds: number
}

class FolderRun {
  private readonly request: FolderSegmentation
  private readonly jobs: readonly SegmentationJob[]
  private readonly ledger: SegmentationLedger
  private readonly predictor: TimedPredictor
  private readonly progress: RunProgress
  private readonly recipe: string
  private readonly foldersReady = new Set<string>()
  private readonly failed: SegmentationSummary['failed'] = []
  private done = 0
  private skipped = 0

  constructor(request: FolderSegmentation, jobs: readonly SegmentationJob[], ledger: SegmentationLedger) {
    this.request = request
    this.jobs = jobs
    this.ledger = ledger
    this.predictor = new TimedPredictor(request.predictor)
    this.progress = new RunProgress(jobs.length, request.onEvent)
    const { checkpoint, flips, settings } = request
    // Not the tiles' size: it follows from the memory that is free, and does not change the result.
    this.recipe = JSON.stringify({ checkpoint, flips, margin: settings.tiling.margin })
  }

  async run(): Promise<SegmentationSummary> {
    const start = performance.now()
    let preparing = this.prepare(this.jobs[0])
    /** The image before: it is put in place while the network works on the next. */
    let closing = settle(Promise.resolve())
    try {
      for (const [index, job] of this.jobs.entries()) {
        const preparation = await preparing
        preparing = this.prepare(this.jobs[index + 1])
        const computed = await this.take(job, preparation)
        if (computed === undefined) continue
        const before = await closing
        closing = settle(this.putInPlace(computed))
        before()
      }
      const last = await closing
      last()
    } finally {
      await closing
      const left = await preparing
      if (left?.kind === 'opened') await left.source.close()
    }
    const milliseconds = performance.now() - start
    return {
      done: this.done,
      skipped: this.skipped,
      failed: this.failed,
      seconds: milliseconds / 1000,
      shareInNetwork: this.predictor.milliseconds / milliseconds,
    }
  }

  /** Whatever goes wrong is part of the result: it is told when the image's turn comes. */
  private async prepare(job: SegmentationJob | undefined): Promise<Preparation | undefined> {
    if (job === undefined) return undefined
    try {
      const state = await fileStateOf(fileOf(job.image))
      if (state !== undefined && (await this.isDone(job, state))) return { kind: 'skipped' }
      const source = await openImage(job.image)
      try {
        const firstPage = await prepareImage(source, 0, this.request.settings, this.request.probabilities)
        return { kind: 'opened', job, source, state: state as FileState, firstPage }
      } catch (error) {
        await source.close()
        throw error
      }
    } catch (error) {
      return { kind: 'failed', error }
    }
  }

  /**
   * Whether this very result is there already.
   * @throws SegscopeError `output-exists` where something else is, and may not be replaced
   */
  private async isDone(job: SegmentationJob, image: FileState): Promise<boolean> {
    let isDone = true
    for (const output of outputsOf(job)) {
      const origin = await this.ledger.originOf(output)
      if (origin?.kind === 'foreign' && !this.request.overwrite) {
        throw new SegscopeError(
          'output-exists',
          `${join(this.request.outFolder, output)} is there already, and is not as a run of Segscope left it.`,
          { file: job.file, remedy: 'Move it away, choose another output folder, or allow overwriting.' },
        )
      }
      isDone &&=
        origin?.kind === 'ours' &&
        origin.recipe === this.recipe &&
        origin.image.bytes === image.bytes &&
        origin.image.modified === image.modified
    }
    return isDone
  }

  /** Has the network work on an image; undefined where there is nothing to put in place. */
  private async take(
    job: SegmentationJob,
    preparation: Preparation | undefined,
  ): Promise<ComputedImage | undefined> {
    if (preparation?.kind === 'opened') {
      try {
        return await this.compute(preparation)
      } catch (error) {
        await preparation.source.close()
        this.fail(job, error)
      }
    } else if (preparation?.kind === 'failed') {
      this.fail(job, preparation.error)
    } else {
      this.skipped++
      this.request.onEvent({ kind: 'skipped', file: job.file, output: job.labels })
      this.progress.imageEnded(true)
    }
    return undefined
  }

  private async compute(image: OpenedImage): Promise<ComputedImage> {
    const { job, source, firstPage } = image
    const { outFolder, settings, classes, probabilities, flips, signal } = this.request
    const start = performance.now()
    const networkStart = this.predictor.milliseconds
    await this.makeReady(dirname(join(outFolder, job.labels)))
    const writer = await SegmentationWriter.create(job, outFolder, source.info, classes)
    let writing = settle(Promise.resolve())
    let preparing = settle(Promise.resolve(firstPage))
    try {
      const { pages } = source.info
      for (let page = 0; page < pages; page++) {
        const prepared = (await preparing)()
        if (page + 1 < pages) preparing = settle(prepareImage(source, page + 1, settings, probabilities))
        const onProgress = (fraction: number): void => {
          this.progress.within((page + fraction) / pages)
        }
        const options = { probabilities, flips, signal, onProgress }
        for await (const band of predictImage(this.predictor, prepared, options)) {
          const before = await writing
          before()
          writing = settle(writer.write(page, band))
        }
      }
    } catch (error) {
      await Promise.all([writing, preparing])
      await writer.abort()
      throw error
    }
    const networkMilliseconds = this.predictor.milliseconds - networkStart
    return { ...image, writer, writing, start, networkMilliseconds }
  }

  private async putInPlace({ job, source, state, writer, writing, ...times }: ComputedImage): Promise<void> {
    try {
      const written = await writing
      written()
      await this.ledger.begin(outputsOf(job))
      await writer.finish()
      await this.ledger.complete(state, this.recipe, outputsOf(job))
    } catch (error) {
      await writer.abort()
      this.fail(job, error)
      return
    } finally {
      await source.close()
    }
    this.done++
    this.request.onEvent({
      kind: 'image-done',
      file: job.file,
      output: job.labels,
      milliseconds: performance.now() - times.start,
      networkMilliseconds: times.networkMilliseconds,
    })
    this.progress.imageEnded(false)
  }

  private async makeReady(folder: string): Promise<void> {
    if (this.foldersReady.has(folder)) return
    try {
      await mkdir(folder, { recursive: true })
      await removeAbandonedTemporaries(folder)
    } catch (error) {
      throw outputError(folder, error)
    }
    this.foldersReady.add(folder)
  }

  /** Lists the failure, and lets the run go on where the next image may fare better. */
  private fail(job: SegmentationJob, error: unknown): void {
    if (error instanceof CancelledError) throw error
    const code = error instanceof SegscopeError ? error.code : 'unexpected'
    if (code === 'disk-full') throw error
    const failure = { file: job.file, code, error: describeError(error) }
    this.failed.push(failure)
    this.request.onEvent({ kind: 'failed', ...failure })
    this.progress.imageEnded(false)
  }
}
