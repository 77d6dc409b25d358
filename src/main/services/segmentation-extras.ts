import { mkdir } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { CancelledError, describeError, SegscopeError } from '../../model/errors.ts'
import type { ImageSource, Region } from '../../model/images/image-source.ts'
import { measurePlane } from '../../model/prediction/measure-plane.ts'
import type { MeasuredImage } from '../../model/prediction/measurements-csv.ts'
import type { Splitting } from '../../model/prediction/object-rows.ts'
import { openImage } from '../imaging/open-image.ts'
import { overlayClasses, writePng } from '../imaging/overlay.ts'
import { previewImage, previewLabels } from '../imaging/preview.ts'
import { MeasurementsTable } from './measurements-table.ts'
import type { SegmentationEvent } from './segmentation-events.ts'
import { fileStateOf, SegmentationLedger } from './segmentation-ledger.ts'
import { nameOutputs, type SegmentationJob } from './segmentation-outputs.ts'

/** Of all objects of all images. */
const TABLE = 'measurements.csv'

export interface SegmentationExtras {
  images: readonly string[]
  imagesFolder: string
  outFolder: string
  probabilities: boolean
  classNames: readonly string[]
  /** Pictures of the results over their images, into `overlays/`. */
  overlays: boolean
  /** One table of all objects: `measurements.csv`. */
  measurements: boolean
  /** Of the objects that are measured. */
  splitting: Splitting
  /** Whether files that no run left there, or that were changed since, may be replaced. */
  overwrite: boolean
}

export interface ExtrasNews {
  /** 0 to 1. */
  onProgress: (fraction: number) => void
  onFailed: (failure: Extract<SegmentationEvent, { kind: 'failed' }>) => void
}

/**
 * Draws overlays and measures objects of the results that lie in the output folder; images without one, or with a file in
 * its place that no run made, are left out, and those that fail are told. A picture that was drawn of the same result before stays.
 * @throws SegscopeError `disk-full`, and where the table or the ledger cannot be written; the signal's reason
 */
export async function writeExtras(
  extras: SegmentationExtras,
  news: ExtrasNews,
  signal: AbortSignal,
): Promise<void> {
  const ledger = await SegmentationLedger.open(extras.outFolder)
  try {
    await new Extras(extras, news, ledger, signal).write()
  } finally {
    await ledger.close()
  }
}

class Extras {
  private readonly extras: SegmentationExtras
  private readonly news: ExtrasNews
  private readonly ledger: SegmentationLedger
  private readonly signal: AbortSignal

  constructor(extras: SegmentationExtras, news: ExtrasNews, ledger: SegmentationLedger, signal: AbortSignal) {
    this.extras = extras
    this.news = news
    this.ledger = ledger
    this.signal = signal
  }

  async write(): Promise<void> {
    const { images, imagesFolder, outFolder, probabilities, measurements } = this.extras
    const jobs: SegmentationJob[] = []
    for (const job of nameOutputs(images, imagesFolder, probabilities)) {
      if ((await fileStateOf(join(outFolder, job.labels))) === undefined) continue
      // What no run made is no result: the segmentation has told that it lies in the way.
      if ((await this.ledger.originOf(job.labels))?.kind !== 'foreign') jobs.push(job)
    }
    if (measurements && (await this.mayWrite(TABLE))) {
      const table = await MeasurementsTable.begin(join(outFolder, TABLE), this.extras.classNames)
      try {
        await this.work(jobs, table)
        await this.ledger.begin([TABLE])
        await table.finish()
        await this.ledger.complete({ bytes: 0, modified: 0 }, 'measurements', [TABLE])
      } finally {
        await table.discard()
      }
    } else {
      await this.work(jobs, undefined)
    }
  }

  /** Does what is wanted for each image. @param table where its objects are to go */
  private async work(jobs: readonly SegmentationJob[], table: MeasurementsTable | undefined): Promise<void> {
    for (const [index, job] of jobs.entries()) {
      this.signal.throwIfAborted()
      try {
        const [image, mask] = [
          await openImage(job.image),
          await openImage(join(this.extras.outFolder, job.labels)),
        ]
        try {
          if (this.extras.overlays) await this.draw(job, image, mask)
          if (table !== undefined) await this.measure(job, image, mask, table)
        } finally {
          await Promise.all([image.close(), mask.close()])
        }
      } catch (error) {
        this.fail(job.file, error)
      }
      this.news.onProgress((index + 1) / jobs.length)
    }
  }

  private async draw(job: SegmentationJob, image: ImageSource, mask: ImageSource): Promise<void> {
    const { outFolder } = this.extras
    const name = `overlays/${job.labels.slice(0, job.labels.length - extname(job.labels).length)}.png`
    const drawn = await fileStateOf(join(outFolder, job.labels))
    const origin = await this.ledger.originOf(name)
    const isDrawn =
      origin?.kind === 'ours' &&
      origin.image.bytes === drawn?.bytes &&
      origin.image.modified === drawn.modified
    if (isDrawn || drawn === undefined || !(await this.mayWrite(name))) return
    await mkdir(dirname(join(outFolder, name)), { recursive: true })
    const picture = overlayClasses(await previewImage(image), await previewLabels(mask))
    await this.ledger.begin([name])
    await writePng(join(outFolder, name), picture)
    await this.ledger.complete(drawn, 'overlay', [name])
  }

  private async measure(
    job: SegmentationJob,
    image: ImageSource,
    mask: ImageSource,
    table: MeasurementsTable,
  ): Promise<void> {
    const { width, height, pages, pixelSize, channels } = image.info
    const { splitting } = this.extras
    const band = (y: number, rows: number): Region => ({ x: 0, y, width, height: rows })
    const measured: MeasuredImage[] = []
    for (let page = 0; page < pages; page++) {
      const { objects } = await measurePlane(
        {
          width,
          height,
          readLabels: async (y, count) => (await mask.read(band(y, count), page)).samples as Uint8Array,
          readImage: (y, count) => image.read(band(y, count), page),
        },
        splitting,
      )
      measured.push({ name: job.file, page, pixelSize, objects })
    }
    // An image that fails midway is not in the table.
    for (const page of measured) await table.add(page, channels)
  }

  /** Tells where something is in the way that no run made. */
  private async mayWrite(output: string): Promise<boolean> {
    const origin = await this.ledger.originOf(output)
    if (origin?.kind !== 'foreign' || this.extras.overwrite) return true
    this.fail(
      output,
      new SegscopeError(
        'output-exists',
        `${join(this.extras.outFolder, output)} is there already, and is not as a run of Segscope left it.`,
        { file: output, remedy: 'Move it away, choose another output folder, or allow overwriting.' },
      ),
    )
    return false
  }

  private fail(file: string, error: unknown): void {
    this.signal.throwIfAborted()
    if (error instanceof CancelledError) throw error
    const code = error instanceof SegscopeError ? error.code : 'unexpected'
    if (code === 'disk-full') throw error
    this.news.onFailed({ kind: 'failed', file, code, error: describeError(error) })
  }
}
