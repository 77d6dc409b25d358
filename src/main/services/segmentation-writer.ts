import { join } from 'node:path'
import type { ImageInfo } from '../../model/images/image-source.ts'
import type { Band } from '../../model/prediction/band.ts'
import { networkClasses } from './network-classes.ts'
import { TiffWriter } from '../imaging/tiff-writer.ts'
import type { SegmentationJob } from './segmentation-outputs.ts'

/** Writes what the network says of one image, page by page, band by band, while it is being computed. */
export class SegmentationWriter {
  private readonly labels: TiffWriter
  private readonly probabilities: TiffWriter | undefined
  private readonly classes: number

  private constructor(labels: TiffWriter, probabilities: TiffWriter | undefined, classes: number) {
    this.labels = labels
    this.probabilities = probabilities
    this.classes = classes
  }

  /** @throws SegscopeError as `outputError` says */
  static async create(
    job: SegmentationJob,
    outFolder: string,
    image: ImageInfo,
    classes: number,
  ): Promise<SegmentationWriter> {
    const { width, height, pages: frames, pixelSize } = image
    const size = { width, height, frames, pixelSize }
    const labels = await TiffWriter.create(join(outFolder, job.labels), {
      ...size,
      sampleType: 'uint8',
      channels: 1,
      displayRange: [0, 255],
      classes: networkClasses(classes),
    })
    if (job.probabilities === undefined) return new SegmentationWriter(labels, undefined, classes)
    try {
      const probabilities = await TiffWriter.create(join(outFolder, job.probabilities), {
        ...size,
        sampleType: 'float32',
        channels: classes,
        displayRange: [0, 1],
      })
      return new SegmentationWriter(labels, probabilities, classes)
    } catch (error) {
      await labels.abort()
      throw error
    }
  }

  /** @throws SegscopeError as `outputError` says */
  async write(page: number, band: Band): Promise<void> {
    await this.labels.writeRows(band.labels, page)
    if (this.probabilities === undefined || band.probabilities === undefined) return
    for (const [index, plane] of band.probabilities.entries()) {
      await this.probabilities.writeRows(plane, page * this.classes + index)
    }
  }

  /**
   * Puts the results in place.
   * @throws SegscopeError as `outputError` says
   */
  async finish(): Promise<void> {
    await this.probabilities?.finish()
    await this.labels.finish()
  }

  /** Leaves nothing behind of what is not in place. */
  async abort(): Promise<void> {
    await this.labels.abort()
    await this.probabilities?.abort()
  }
}
