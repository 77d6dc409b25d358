import { describe, expect, it } from 'vitest'
import { UNLABELLED } from '../../../src/model/images/label-map.ts'
import type { Fingerprint } from '../../../src/model/plan/fingerprint.ts'
import { measureFingerprint } from '../../../src/model/plan/measure-fingerprint.ts'
import { checkBeforeTraining } from '../../../src/model/plan/pre-flight.ts'
import { classFacts, fingerprint, imageFacts } from './facts.ts'
import { brokenItem, dataSetItem, labelMap, type Picture } from './memory-image.ts'

function found(facts: Partial<Fingerprint>): [string, string, string[]][] {
  return checkBeforeTraining(fingerprint(facts)).map(({ severity, code, files }) => [severity, code, files])
}

const ramp: Picture = { width: 64, height: 64, valueAt: (x, y) => 3 * x + y }
const halves = labelMap(64, 64, (x) => (x < 32 ? 0 : 1))

describe('before training', () => {
  it('has nothing to say of a sound data set', () => {
    expect(found({})).toEqual([])
  })

  it('names every fault of a measured data set, with its files', async () => {
    const measured = await measureFingerprint(
      [
        dataSetItem('sound.tif', ramp, halves),
        dataSetItem('copy.tif', ramp, halves),
        dataSetItem('unlabelled.tif', { ...ramp, valueAt: (x) => x }),
        dataSetItem(
          'strokes-of-nothing.tif',
          { ...ramp, valueAt: (_, y) => y },
          labelMap(64, 64, () => UNLABELLED),
        ),
        dataSetItem(
          'cropped.tif',
          { ...ramp, valueAt: (x) => 9 * x },
          labelMap(63, 64, () => 1),
        ),
        dataSetItem('blank.tif', { ...ramp, valueAt: () => 7 }, halves),
        dataSetItem(
          'narrow.tif',
          { ...ramp, width: 20 },
          labelMap(20, 64, (_, y) => (y < 32 ? 0 : 1)),
        ),
        dataSetItem('bytes.tif', { ...ramp, sampleType: 'uint8' as const }, halves),
        dataSetItem('shifted.tif', { ...ramp, valueAt: (x, y) => (x + 3 * y) << 4 }, halves),
        brokenItem('cut.tif'),
      ],
      { classNames: ['medium', 'yeast', 'debris'] },
    )
    const findings = checkBeforeTraining(measured)
    expect(findings.map(({ severity, code, files }) => [severity, code, files])).toEqual([
      ['warning', 'unreadable-files', ['cut.tif']],
      ['warning', 'label-size-mismatch', ['cropped.tif']],
      ['warning', 'images-without-labels', ['unlabelled.tif', 'strokes-of-nothing.tif']],
      ['warning', 'depths-differ', ['bytes.tif', 'shifted.tif']],
      ['warning', 'constant-images', ['blank.tif']],
      ['warning', 'tiny-images', ['narrow.tif']],
      ['warning', 'duplicate-images', ['sound.tif', 'copy.tif', 'bytes.tif']],
      ['warning', 'class-without-pixels', []],
    ])
    const text = findings.map((finding) => finding.message).join('\n')
    expect(text).toContain('The file ends in the middle of a strip.')
    expect(text).toContain('cropped_labels.png 63 x 64, cropped.tif 64 x 64')
    expect(text).toContain('debris (value 2)')
    expect(findings.every((finding) => finding.remedy.endsWith('.'))).toBe(true)
  })

  it('stops where there is nothing to learn from', () => {
    const unlabelled = imageFacts('a.tif', { labelled: 0, classPixels: [] })
    expect(found({ images: [], classes: [] })).toEqual([['stop', 'no-images', []]])
    expect(found({ images: [unlabelled], classes: [] })).toEqual([
      ['stop', 'images-without-labels', ['a.tif']],
    ])
    expect(found({ classes: classFacts({ share: 0 }, { share: 1 }) })).toEqual([['stop', 'one-class', []]])
    expect(
      found({ images: [imageFacts('a.tif', { constant: true }), imageFacts('b.tif', { constant: true })] }),
    ).toEqual([['stop', 'constant-images', ['a.tif', 'b.tif']]])
  })

  it('stops where a two-channel image stands among RGB ones, but not for grey', () => {
    const colour = { channels: 3, colour: true }
    const images = [
      imageFacts('a.tif', colour),
      imageFacts('grey.tif'),
      imageFacts('two.tif', { channels: 2 }),
    ]
    expect(found({ images, channels: 3 })).toEqual([['stop', 'channels-differ', ['two.tif']]])
  })

  it('recognises labels that are no classes', () => {
    const greyLevels = classFacts(
      ...Array.from({ length: 201 }, (_, value) => ({ share: [0, 100, 200].includes(value) ? 0.3 : 0 })),
    )
    expect(found({ classes: greyLevels })).toEqual([['stop', 'not-class-values', []]])
    const objects = classFacts(...Array.from({ length: 60 }, () => ({ share: 1 / 60 })))
    expect(found({ classes: objects })).toEqual([['warning', 'many-classes', []]])
  })

  it('says of which class more should be labelled', () => {
    const images = [
      imageFacts('a.tif', { labelled: 1100, classPixels: [1000, 90, 10] }),
      imageFacts('b.tif', { labelled: 600, classPixels: [600] }),
    ]
    const classes = classFacts({ share: 0.0008 }, { share: 0.000045 }, { share: 0.000005 })
    expect(found({ images, classes })).toEqual([
      ['stop', 'class-hardly-labelled', ['a.tif']],
      ['warning', 'class-hardly-labelled', ['a.tif']],
      ['warning', 'little-labelled', []],
    ])
    const rare = classFacts({ share: 0.9 }, { share: 0.0002 })
    expect(found({ classes: rare }).map(([, code]) => code)).toEqual(['extreme-imbalance'])
  })
})
