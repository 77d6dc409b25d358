import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { guessFramePattern } from '../../../src/main/imaging/frames/guess-pattern.ts'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { joinAddress } from '../../../src/preload/contract/image-address.ts'
import { sharedFolder } from '../../shared.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** Grey pictures of 2 x 1 pixels, all of one value each. */
async function writeFrames(values: Record<string, number>, width = 2): Promise<string> {
  const folder = temporaryFolder()
  for (const [name, value] of Object.entries(values)) {
    const png = sharp(new Uint8Array(width).fill(value), { raw: { width, height: 1, channels: 1 } })
    await writeFile(join(folder, name), await png.png().toColourspace('b-w').toBuffer())
  }
  return folder
}

async function valuesOf(address: string): Promise<{ info: object; values: number[][] }> {
  const source = await openImage(address)
  try {
    const values: number[][] = []
    for (let page = 0; page < source.info.pages; page++) {
      values.push([...(await source.read({ x: 0, y: 0, width: 1, height: 1 }, page)).samples])
    }
    return { info: source.info, values }
  } finally {
    await source.close()
  }
}

describe('frames', () => {
  test('are times in the order of their numbers, channels by name, wells apart', async () => {
    const folder = await writeFrames({
      'A01_t2_GFP.png': 3,
      'A01_t2_DAPI.png': 2,
      'A01_t10_DAPI.png': 4,
      'A01_t10_GFP.png': 5,
      'B01_t1_DAPI.png': 9,
      'B01_t2_DAPI.png': 9,
    })
    const address = joinAddress(join(folder, 'A01_t2_DAPI.png'), { frames: 'A01_t{time}_{channel}.png' })
    const { info, values } = await valuesOf(address)
    expect(info).toMatchObject({
      channels: 2,
      pages: 2,
      zPlanes: 1,
      channelLooks: [{ name: 'DAPI' }, { name: 'GFP' }],
    })
    expect(values).toEqual([
      [2, 3],
      [4, 5],
    ])
    expect((await valuesOf(`${address}&axes=zcyx`)).info).toMatchObject({ pages: 2, zPlanes: 2 })
  })

  test('that are missing, of another size, or of a pattern without axes are refused', async () => {
    const folder = await writeFrames({ 't1_c1.png': 1, 't1_c2.png': 1, 't2_c1.png': 1 })
    const open = (frames: string) => openImage(joinAddress(join(folder, 't1_c1.png'), { frames }))
    await expect(open('t{t}_c{c}.png')).rejects.toMatchObject({ code: 'image-truncated' })
    await expect(open('t9_c{c}.png')).rejects.toMatchObject({ code: 'image-truncated' })
    await expect(open('{well}.png')).rejects.toMatchObject({ code: 'pattern-unusable' })
    await expect(open('{t}{t}.png')).rejects.toMatchObject({ code: 'pattern-unusable' })
    const wide = await writeFrames({ 't3_c1.png': 1 }, 3)
    const other = join(folder, 't2_c1.png')
    await writeFile(other, await (await import('node:fs/promises')).readFile(join(wide, 't3_c1.png')))
    const source = await open('t{t}_c1.png')
    await expect(source.read({ x: 0, y: 0, width: 1, height: 1 }, 1)).rejects.toMatchObject({
      code: 'image-damaged',
      file: other,
    })
    await source.close()
  })
})

describe('patterns are guessed', () => {
  const names = (...parts: string[][]): string[] =>
    parts
      .reduce((before, part) => before.flatMap((start) => part.map((end) => start + end)), [''])
      .map((name) => `/plate/${name}`)

  test.each([
    [
      names(['A01_f1_t', 'B12_f1_t'], ['1', '2', '10'], ['_c1.tif', '_c2.tif']),
      '{well}_f{field}_t{time}_c{channel}.tif',
    ],
    [names(['scan_w'], ['1', '2'], ['_s3_t'], ['1', '2'], ['.TIF']), 'scan_w{channel}_s{field}_t{time}.TIF'],
    [
      names(['img_00000000'], ['0', '1'], ['_Phase_00'], ['0', '1'], ['.tif']),
      'img_{time}_{channel}_{z}.tif',
    ],
    [names(['stack_z'], ['001', '002', '003'], ['.tif']), 'stack_z{z}.tif'],
    // Numbers that nothing explains are names.
    [names(['set22', 'set36', 'heart_20x_1', 'heart_20x_2'], ['.tif']), undefined],
    [names(['t1_c1', 't1_c2', 't2_c1'], ['.tif']), undefined],
  ])('%j: %s', (files, pattern) => {
    expect(guessFramePattern(files)).toBe(pattern)
  })

  test.skipIf(sharedFolder === undefined)('of real time-lapses', async () => {
    const { listImages } = await import('../../../src/main/imaging/list-images.ts')
    const guess = async (folder: string) =>
      guessFramePattern(await listImages(join(sharedFolder as string, 'data', folder)))
    expect(await guess('pie_yeast_microcolonies_16bit/images')).toBe('t{time}xy{field}.tif')
    expect(await guess('yeaz_examples/images')).toBe('Phase_frame{time}.tif')
    expect(await guess('yeastvision_pos13_16bit/images')).toBe('img_{time}_{channel}_{z}.tif')
    expect(await guess('usiigaci_phase_16bit/images')).toBeUndefined()
  })
})
