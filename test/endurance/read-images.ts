import { createHash } from 'node:crypto'
import { openImage } from '../../src/main/imaging/open-image.ts'
import { readPlane } from '../../src/main/imaging/read-plane.ts'
import { SegscopeError } from '../../src/model/errors.ts'

/** What became of one file: a picture, a plain refusal, or a defect of ours. */
export type Outcome =
  | { kind: 'picture'; digest: string }
  | { kind: 'refused'; code: string; message: string; file: string | undefined }
  | { kind: 'defect'; message: string }

/** The child process that reads whole images, every page, one path a message, and dies in place of the test. */
process.on('message', (path: string) => {
  void read(path).then((outcome) =>
    process.send?.({ outcome, peakBytes: process.resourceUsage().maxRSS * 1024 }),
  )
})

async function read(path: string): Promise<Outcome> {
  try {
    const source = await openImage(path)
    try {
      const { samples } = await readPlane(source)
      for (let page = 1; page < source.info.pages; page++) await readPlane(source, page)
      return { kind: 'picture', digest: digestOf(samples) }
    } finally {
      await source.close()
    }
  } catch (error) {
    if (!(error instanceof SegscopeError)) return { kind: 'defect', message: String(error) }
    return { kind: 'refused', code: error.code, message: error.message, file: error.file }
  }
}

/** As in conformance-digests.tsv. */
function digestOf(samples: ArrayLike<number>): string {
  return createHash('sha256').update(Float64Array.from(samples)).digest('hex').slice(0, 16)
}
