import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { joinAddress } from '../../src/preload/contract/image-address.ts'
import { openImage } from '../../src/main/imaging/open-image.ts'
import { readPlane } from '../../src/main/imaging/read-plane.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { isMissing, runPython } from './python.ts'

interface Entry {
  name: string
  digest: string
  /** Which of the images in the file. */
  select?: number
  info?: object
  /** What the file says nothing of. */
  without?: string[]
}

test.skipIf(isMissing)(
  'images that other libraries wrote are read pixel for pixel, with what they say',
  async () => {
    const folder = temporaryFolder()
    const entries = (await runPython('write_images.py', folder)) as Entry[]
    expect(entries.length).toBeGreaterThan(30)
    for (const { name, digest, select, info = {}, without = [] } of entries) {
      const file = join(folder, name)
      const address = select === undefined ? file : joinAddress(file, { image: await nameOf(file, select) })
      const source = await openImage(address)
      await source.close()
      expect(await digestOf(address), name).toBe(digest)
      expect(source.info, name).toMatchObject(info)
      for (const fact of without) expect(source.info, name).not.toHaveProperty(fact)
    }
  },
)

async function nameOf(file: string, image: number): Promise<string> {
  const source = await openImage(file)
  await source.close()
  return source.info.images?.[image] ?? ''
}

async function digestOf(address: string): Promise<string> {
  const source = await openImage(address)
  try {
    const hash = createHash('sha256')
    for (let page = 0; page < source.info.pages; page++)
      hash.update(Float64Array.from((await readPlane(source, page)).samples))
    return hash.digest('hex')
  } finally {
    await source.close()
  }
}
