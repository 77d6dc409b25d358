import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openImage } from '../../src/main/imaging/open-image.ts'
import { readPlane } from '../../src/main/imaging/read-plane.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { isMissing, runPython } from './python.ts'

test.skipIf(isMissing)('images that other libraries wrote are read pixel for pixel', async () => {
  const folder = temporaryFolder()
  const entries = (await runPython('write_images.py', folder)) as { name: string; digest: string }[]
  expect(entries.length).toBeGreaterThan(20)
  for (const { name, digest } of entries) expect(await digestOf(join(folder, name)), name).toBe(digest)
})

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
