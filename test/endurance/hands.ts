import type { Locator, Page } from 'playwright-core'

/** A point of an image, in its pixels. */
export interface Point {
  x: number
  y: number
}

/** A person's hands on mouse and keyboard: they count what they do. Painting does not count, nor does turning the wheel. */
export class Hands {
  readonly #page: Page
  /** Clicks and presses of keys. */
  count = 0

  constructor(page: Page) {
    this.#page = page
  }

  /** @param options as Playwright's: where on it */
  async click(target: Locator, options: { position?: Point } = {}): Promise<void> {
    await target.click(options)
    this.count++
  }

  async press(key: string): Promise<void> {
    await this.#page.keyboard.press(key)
    this.count++
  }

  /** Each letter is a key. */
  async type(text: string): Promise<void> {
    await this.#page.keyboard.type(text)
    this.count += text.length
  }

  /**
   * Paints strokes on the image that the page shows, fitted to its place.
   * @param strokes each from point to point
   * @param image in pixels
   */
  async paint(
    strokes: readonly (readonly Point[])[],
    image: { width: number; height: number },
  ): Promise<void> {
    const { mouse } = this.#page
    const box = await this.#page.getByRole('application', { name: 'Image' }).boundingBox()
    if (box === null) throw new Error('The image is not shown.')
    // Fitted, the image leaves some air at its sides.
    const zoom = 0.98 * Math.min(box.width / image.width, box.height / image.height)
    const onScreen = ({ x, y }: Point): [number, number] => [
      box.x + box.width / 2 + (x - image.width / 2) * zoom,
      box.y + box.height / 2 + (y - image.height / 2) * zoom,
    ]
    for (const [start, ...rest] of strokes) {
      if (start === undefined) continue
      await mouse.move(...onScreen(start))
      await mouse.down()
      for (const point of rest) await mouse.move(...onScreen(point), { steps: 8 })
      await mouse.up()
    }
  }
}
