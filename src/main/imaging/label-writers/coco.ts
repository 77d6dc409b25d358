import { objectMasks, type ObjectMask } from '../../../model/prediction/object-masks.ts'
import { traceOutlines } from '../../../model/prediction/outlines.ts'
import { TemporaryFile } from '../temporary-file.ts'
import { encodeRunLengths, runLengthsOf } from './coco-run-lengths.ts'
import type { WrittenClass, WrittenLabels } from './written-labels.ts'

/**
 * Writes objects of many images into one file, in COCO's format (https://cocodataset.org/#format-data). Objects in one piece are
 * polygons along their pixels' edges; those with holes or parts are compressed run lengths, as polygons know no holes.
 * Both decode to the very pixels. Each page of a stack is an image, `NAME.tif#2`. The objects of one image are held at a time.
 */
export class CocoFile {
  readonly #file: TemporaryFile
  readonly #classes: readonly WrittenClass[]
  readonly #pages: string[] = []
  #annotations = 0
  #position = 0

  private constructor(file: TemporaryFile, classes: readonly WrittenClass[]) {
    this.#file = file
    this.#classes = classes
  }

  /**
   * Nothing stands at `path` until `finish`.
   * @param classes of all images
   * @throws SegscopeError as `outputError` says
   */
  static async create(path: string, classes: readonly WrittenClass[]): Promise<CocoFile> {
    const coco = new CocoFile(await TemporaryFile.create(path), classes)
    await coco.#append('{"info":{"description":"Segscope"},"licenses":[],\n"annotations":[')
    return coco
  }

  /**
   * Adds the objects of an image, all of them or none.
   * @throws SegscopeError where the labels cannot be read; as `outputError` says
   */
  async add({ labels, imageName, splitting }: WrittenLabels): Promise<void> {
    const { width, height, pages } = labels.info
    const described: string[] = []
    const annotations: string[] = []
    for (let page = 0; page < pages; page++) {
      const image = this.#pages.length + described.length + 1
      const file_name = pages === 1 ? imageName : `${imageName}#${page + 1}`
      described.push(JSON.stringify({ id: image, file_name, width, height }))
      for await (const object of objectMasks(labels, page, splitting)) {
        const { classValue, area, box } = object
        annotations.push(
          JSON.stringify({
            id: this.#annotations + annotations.length + 1,
            image_id: image,
            category_id: classValue,
            segmentation: segmentationOf(object, width, height),
            area,
            bbox: [box.x, box.y, box.width, box.height],
            iscrowd: 0,
          }),
        )
      }
    }
    this.#pages.push(...described)
    if (annotations.length === 0) return
    await this.#append(`${this.#annotations === 0 ? '\n' : ',\n'}${annotations.join(',\n')}`)
    this.#annotations += annotations.length
  }

  /**
   * Completes the file and puts it in place.
   * @throws SegscopeError as `outputError` says
   */
  async finish(): Promise<void> {
    const categories = this.#classes
      .filter(({ value }) => value !== 0)
      .map(({ value, name }) => ({ id: value, name, supercategory: '' }))
    await this.#append(
      `],\n"images":[\n${this.#pages.join(',\n')}],\n"categories":${JSON.stringify(categories)}}\n`,
    )
    await this.#file.commit()
  }

  /** Gives up: leaves nothing behind, and what stood at the path as it was. Does nothing after `finish`. */
  async abort(): Promise<void> {
    await this.#file.discard()
  }

  async #append(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    await this.#file.write(bytes, this.#position)
    this.#position += bytes.length
  }
}

function segmentationOf(object: ObjectMask, width: number, height: number): unknown {
  const { mask, box } = object
  const outlines = traceOutlines(mask, box.width, box.height, box.x, box.y)
  const [only] = outlines
  if (outlines.length === 1 && only?.holes.length === 0) return [only.outer.flat()]
  return { size: [height, width], counts: encodeRunLengths(runLengthsOf(mask, box, width, height)) }
}
