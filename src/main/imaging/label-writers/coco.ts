import { writeFileAtomically } from '../../../model/files/atomic-write.ts'
import { objectMasks, type ObjectMask } from '../../../model/prediction/object-masks.ts'
import { traceOutlines } from '../../../model/prediction/outlines.ts'
import { encodeRunLengths, runLengthsOf } from './coco-run-lengths.ts'
import type { WrittenClass, WrittenLabels } from './written-labels.ts'

/**
 * Objects of many images in one file, in COCO's format (https://cocodataset.org/#format-data). Objects in one piece are
 * polygons along their pixels' edges; those with holes or parts are compressed run lengths, as polygons know no holes.
 * Both decode to the very pixels. Each page of a stack is an image, `NAME.tif#2`.
 */
export class CocoFile {
  readonly #images: string[] = []
  readonly #annotations: string[] = []
  #classes: readonly WrittenClass[] = []

  /** @throws SegscopeError where the labels cannot be read */
  async add({ labels, imageName, classes }: WrittenLabels): Promise<void> {
    this.#classes = classes
    const { width, height, pages } = labels.info
    for (let page = 0; page < pages; page++) {
      const image = this.#images.length + 1
      const file_name = pages === 1 ? imageName : `${imageName}#${page + 1}`
      this.#images.push(JSON.stringify({ id: image, file_name, width, height }))
      for await (const object of objectMasks(labels, page)) {
        const { classValue, area, box } = object
        this.#annotations.push(
          JSON.stringify({
            id: this.#annotations.length + 1,
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
  }

  /** @throws SegscopeError as `writeFileAtomically` */
  async write(path: string): Promise<void> {
    const categories = this.#classes
      .filter(({ value }) => value !== 0)
      .map(({ value, name }) => JSON.stringify({ id: value, name, supercategory: '' }))
    await writeFileAtomically(
      path,
      encode({ images: this.#images, annotations: this.#annotations, categories }),
    )
  }
}

function* encode(lists: Record<string, readonly string[]>): Generator<Uint8Array> {
  yield Buffer.from('{"info":{"description":"Segscope"},"licenses":[]')
  for (const [name, items] of Object.entries(lists)) {
    yield Buffer.from(`,\n"${name}":[`)
    for (const [index, item] of items.entries()) yield Buffer.from(`${index === 0 ? '\n' : ',\n'}${item}`)
    yield Buffer.from(']')
  }
  yield Buffer.from('}\n')
}

function segmentationOf(object: ObjectMask, width: number, height: number): unknown {
  const { mask, box } = object
  const outlines = traceOutlines(mask, box.width, box.height, box.x, box.y)
  const [only] = outlines
  if (outlines.length === 1 && only?.holes.length === 0) return [only.outer.flat()]
  return { size: [height, width], counts: encodeRunLengths(runLengthsOf(mask, box, width, height)) }
}
