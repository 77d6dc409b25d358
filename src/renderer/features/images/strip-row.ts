/** What a row of the strip shows of an image. */
export interface StripRow {
  path: string
  /** Of the project. */
  image: number
  /** Of its thumbnail. */
  version: string
}
