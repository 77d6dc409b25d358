import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import type { LabelMap } from '../../../src/model/images/label-map.ts'
import { makePlan } from '../../../src/model/plan/make-plan.ts'
import { type DataSetItem, measureFingerprint } from '../../../src/model/plan/measure-fingerprint.ts'
import type { Plan } from '../../../src/model/plan/plan.ts'
import { checkBeforeTraining } from '../../../src/model/plan/pre-flight.ts'
import { sharedFolder } from '../../shared.ts'

const data = join(sharedFolder ?? '', 'data')

/** A label map from 0/255 masks, each with the class that it stands for. */
async function combineMasks(masks: [path: string, value: number][]): Promise<LabelMap> {
  let combined: LabelMap | undefined
  for (const [path, value] of masks) {
    const mask = await openImage(path)
    const { width, height } = mask.info
    const { samples } = await mask.read({ x: 0, y: 0, width, height })
    await mask.close()
    combined ??= { width, height, values: new Uint8Array(width * height) }
    for (let pixel = 0; pixel < width * height; pixel++)
      if (samples[pixel] !== 0) combined.values[pixel] = value
  }
  return combined as LabelMap
}

function itemsOf(
  folder: string,
  files: string[],
  masksOf: (stem: string) => [string, number][],
): DataSetItem[] {
  return files.map((file) => {
    const path = join(data, folder, 'images', file)
    return {
      path,
      labelPath: join(data, folder, 'masks'),
      open: () => openImage(path),
      readLabels: () => combineMasks(masksOf(join(data, folder, 'masks', file.replace(/\.\w+$/, '')))),
    }
  })
}

async function planOf(items: DataSetItem[]): Promise<Plan> {
  const fingerprint = await measureFingerprint(items)
  expect(checkBeforeTraining(fingerprint)).toEqual([])
  return makePlan(fingerprint, {
    seed: 1,
    memoryBytes: 4e9,
    start: 'scratch',
    freezeEncoder: false,
    minutes: 6,
    stepMilliseconds: 350,
  })
}

describe.skipIf(sharedFolder === undefined)('on real images, the plan', () => {
  it('keeps one scale for phase contrast of one exposure, and lifts its thin outline', async () => {
    const plan = await planOf(
      itemsOf('usiigaci_phase_16bit', ['set18.tif', 'set20.tif', 'set22.tif'], (stem) => [
        [`${stem}_feature_1.png`, 1],
        [`${stem}_feature_0.png`, 2],
      ]),
    )
    expect(plan.normalisation.scope).toBe('data set')
    expect([plan.patchSize, plan.batchSize, plan.imageScale]).toEqual([128, 8, 1])
    const [background, interior, outline] = plan.classWeights as [number, number, number]
    expect(outline / background).toBeGreaterThan(4)
    expect(interior / background).toBeLessThan(2)
    expect(plan.augmentation.elastic).toBe(0)
  })

  it('scales nuclei of many exposures one image at a time', async () => {
    const files = [
      'bone_40x_oil_1.tif',
      'heart_40x_oil_2.tif',
      'kidney_20x_1.tif',
      'muscle_20x_2.tif',
      'muscle_40x_air_1.tif',
    ]
    const plan = await planOf(itemsOf('bitdepth_nuclei_16bit', files, (stem) => [[`${stem}_binary.png`, 1]]))
    expect(plan.normalisation.scope).toBe('image')
    // Hot pixels lie near 33,000.
    expect(plan.normalisation.channels[0]?.high).toBeLessThan(10_000)
    expect(plan.patchSize).toBe(128)
  })

  it('takes three channels where grey fluorescence and stained histology are mixed', async () => {
    const beginnings = ['0c6507', '1023509', '2246874', '4e92129', '1815cf3']
    const files = readdirSync(join(data, 'dsb2018_fixed/images')).filter((file) =>
      beginnings.some((beginning) => file.startsWith(beginning)),
    )
    const plan = await planOf(
      itemsOf('dsb2018_fixed', files, (stem) => readdirSync(stem).map((mask) => [join(stem, mask), 1])),
    )
    expect(plan.network.inputChannels).toBe(3)
    expect(plan.normalisation.scope).toBe('image')
    expect(plan.decisions.network?.reason).toBe(
      '2 of 5 images are in colour; grey ones count as three equal channels.',
    )
  })
})
