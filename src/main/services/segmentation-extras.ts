import { extname, join } from 'node:path'
import { classColour } from '../../model/classes/palette.ts'
import { CancelledError, describeError, SegscopeError } from '../../model/errors.ts'
import type { ImageSource, Region } from '../../model/images/image-source.ts'
import { measurePlane } from '../../model/prediction/measure-plane.ts'
import type { MeasuredImage } from '../../model/prediction/measurements-csv.ts'
import type { WrittenClass } from '../imaging/label-writers/written-labels.ts'
import { openImage } from '../imaging/open-image.ts'
import { overlayClasses, writePng } from '../imaging/overlay.ts'
import { previewImage, previewLabels } from '../imaging/preview.ts'
import { type DerivedFile, DerivedFiles } from './derived-files.ts'
import { MeasurementsTable } from './measurements-table.ts'
import type { SegmentationEvent } from './segmentation-events.ts'
import { cocoOfResults, filesOfFormats, type FormatWishes } from './segmentation-formats.ts'
import { fileStateOf } from './segmentation-ledger.ts'
import { nameOutputs, type SegmentationJob } from './segmentation-outputs.ts'

/** Of all objects of all images. */
const TABLE = 'measurements.csv'

/** What is made of results besides the label maps; objects are split as its `splitting` says wherever they are told apart. */
export interface SegmentationExtras extends FormatWishes {
  images: readonly string[]
  imagesFolder: string
  outFolder: string
  probabilities: boolean
  /** Pictures of the results over their images, into `overlays/`. */
  overlays: boolean
  /** One table of all objects: `measurements.csv`. */
  measurements: boolean
  /** Whether files that no run left there, or that were changed since, may be replaced. */
  overwrite: boolean
}

export interface ExtrasNews {
  /** 0 to 1. */
  onProgress: (fraction: number) => void
  onFailed: (failure: Extract<SegmentationEvent, { kind: 'failed' }>) => void
}

/** Whether there is anything to do for `writeExtras`. */
export function hasExtras({
  overlays,
  measurements,
  formats,
}: Pick<SegmentationExtras, 'overlays' | 'measurements' | 'formats'>): boolean {
  return overlays || measurements || formats.length > 0
}

/**
 * Draws overlays of the results that lie in the output folder, measures their objects and writes them in further formats; images
 * without a result, or with a file in its place that no run made, are left out, and what fails is told. What was
 * made of the same result before stays.
 * @throws SegscopeError `disk-full`, and where the ledger cannot be opened; the signal's reason
 */
export async function writeExtras(
  extras: SegmentationExtras,
  news: ExtrasNews,
  signal: AbortSignal,
): Promise<void> {
  const files = await DerivedFiles.open(extras.outFolder, extras.images, extras.overwrite)
  try {
    await new Extras(extras, news, files, signal).write()
  } finally {
    await files.close()
  }
}

class Extras {
  private readonly extras: SegmentationExtras
  private readonly news: ExtrasNews
  private readonly files: DerivedFiles
  private readonly signal: AbortSignal
  private jobs: readonly SegmentationJob[] = []
  /** Images that were gone through, for the table and such, and for COCO's file. */
  private steps = 0
  /** The table was made, and with it all that is made image by image. */
  private isWorkedThrough = false

  constructor(extras: SegmentationExtras, news: ExtrasNews, files: DerivedFiles, signal: AbortSignal) {
    this.extras = extras
    this.news = news
    this.files = files
    this.signal = signal
  }

  async write(): Promise<void> {
    const { images, imagesFolder, outFolder, probabilities, measurements, formats } = this.extras
    // What no run made is no result: the segmentation has told that it lies in the way.
    const jobs: SegmentationJob[] = []
    for (const job of nameOutputs(images, imagesFolder, probabilities)) {
      if ((await this.files.isOurs(job.labels)) === true) jobs.push(job)
    }
    this.jobs = jobs
    if (measurements) {
      const write = async (path: string): Promise<void> => {
        const names = this.extras.classes.map(({ name }) => name)
        const table = await MeasurementsTable.begin(path, names)
        try {
          this.isWorkedThrough = true
          await this.work(table)
          await table.finish()
        } finally {
          await table.discard()
        }
      }
      await this.make({ output: TABLE, from: undefined, recipe: 'measurements', write })
    }
    if (!this.isWorkedThrough) await this.work(undefined)
    if (formats.includes('coco')) {
      const onFailed = (file: string, error: unknown): void => this.fail(file, error)
      const { signal } = this
      await this.make(
        cocoOfResults(this.extras, jobs, outFolder, { onImage: () => this.step(), onFailed, signal }),
      )
    }
  }

  /** Does what is wanted for each image. @param table where its objects are to go */
  private async work(table: MeasurementsTable | undefined): Promise<void> {
    for (const job of this.jobs) {
      this.signal.throwIfAborted()
      try {
        const maskPath = join(this.extras.outFolder, job.labels)
        const from = await fileStateOf(maskPath)
        const image = await openImage(job.image)
        const mask = stoppable(await openImage(maskPath), this.signal)
        try {
          const files = from === undefined ? [] : filesOfFormats(this.extras, job, { image, mask, from })
          if (this.extras.overlays)
            files.unshift({ ...overlayOf(job, image, mask, this.extras.classes), from })
          for (const file of files) {
            this.signal.throwIfAborted()
            await this.make(file)
          }
          if (table !== undefined) await this.measure(job, image, mask, table)
        } finally {
          await Promise.all([image.close(), mask.close()])
        }
      } catch (error) {
        this.fail(job.file, error)
      }
      this.step()
    }
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

  private async make(file: DerivedFile): Promise<void> {
    try {
      await this.files.make(file)
    } catch (error) {
      this.fail(file.output, error)
    }
  }

  private step(): void {
    this.steps++
    const all = this.jobs.length * (this.extras.formats.includes('coco') ? 2 : 1)
    this.news.onProgress(this.steps / all)
  }

  private fail(file: string, error: unknown): void {
    this.signal.throwIfAborted()
    if (error instanceof CancelledError) throw error
    const code = error instanceof SegscopeError ? error.code : 'unexpected'
    if (code === 'disk-full') throw error
    this.news.onFailed({ kind: 'failed', file, code, error: describeError(error) })
  }
}

/** The same source; reading from it ends when the signal fires, and with it what is written from it. */
function stoppable(source: ImageSource, signal: AbortSignal): ImageSource {
  const read: ImageSource['read'] = (region, page) => {
    signal.throwIfAborted()
    return source.read(region, page)
  }
  const { path, info } = source
  const readReduced = source.readReduced?.bind(source)
  return { path, info, read, ...(readReduced && { readReduced }), close: () => source.close() }
}

function overlayOf(
  job: SegmentationJob,
  image: ImageSource,
  mask: ImageSource,
  classes: readonly WrittenClass[],
): Omit<DerivedFile, 'from'> {
  const colours = classes.map(({ colour }) => colour)
  const colourOf = (value: number): string => colours[value] ?? classColour(value)
  const write = async (path: string): Promise<void> =>
    writePng(path, overlayClasses(await previewImage(image), await previewLabels(mask), colourOf))
  const name = job.labels.slice(0, job.labels.length - extname(job.labels).length)
  return { output: `overlays/${name}.png`, recipe: `overlay ${colours.join()}`, write }
}
