import { join } from 'node:path'
import type { ImageInfo } from '../../model/images/image-source.ts'
import type { Band } from '../../model/prediction/band.ts'
import { placeOfPage, type WrittenClass } from '../imaging/label-writers/written-labels.ts'
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

  /**
   * @param classes of the network, by value
   * @throws SegscopeError as `outputError` says
   */
  static async create(
    job: SegmentationJob,
    outFolder: string,
    image: ImageInfo,
    classes: readonly WrittenClass[],
  ): Promise<SegmentationWriter> {
    const { width, height, pixelSize, pageSpacing } = image
    const { zPlanes: slices, times: frames } = placeOfPage(image, 0)
    const size = { width, height, slices, frames, pixelSize, pageSpacing }
    const labels = await TiffWriter.create(join(outFolder, job.labels), {
      ...size,
      sampleType: 'uint8',
      channels: 1,
      displayRange: [0, 255],
      classes,
    })
    if (job.probabilities === undefined) return new SegmentationWriter(labels, undefined, classes.length)
    try {
      const probabilities = await TiffWriter.create(join(outFolder, job.probabilities), {
        ...size,
        sampleType: 'float32',
        channels: classes.length,
        channelNames: classes.map(({ name }) => name),
        displayRange: [0, 1],
      })
      return new SegmentationWriter(labels, probabilities, classes.length)
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
