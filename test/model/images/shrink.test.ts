import { describe, expect, it } from 'vitest'
import { shrinkFactor, shrinkImage, shrinkLabels } from '../../../src/model/images/shrink.ts'
import { numberedImage } from '../training/fixtures.ts'

describe('shrinkImage', () => {
  const image = numberedImage(5, 3)

  it('takes means, of fewer pixels at the border, and the same ones whatever region is read', async () => {
    const shrunk = shrinkImage(image, 2)
    expect(shrunk.info).toMatchObject({ width: 3, height: 2, sampleType: 'float32' })
    const whole = await shrunk.read({ x: 0, y: 0, width: 3, height: 2 })
    expect(whole.samples).toEqual(Float32Array.of(3, 5, 6.5, 10.5, 12.5, 14))
    const part = await shrunk.read({ x: 1, y: 0, width: 2, height: 2 })
    expect(part.samples).toEqual(Float32Array.of(5, 6.5, 12.5, 14))
  })

  it('is the image itself at full size, and refuses a scale between whole factors', () => {
    expect(shrinkImage(image, shrinkFactor(1))).toBe(image)
    expect(shrinkFactor(0.25)).toBe(4)
    expect(() => shrinkFactor(0.4)).toThrow(RangeError)
    expect(() => shrinkFactor(2)).toThrow(RangeError)
  })
})

describe('shrinkLabels', () => {
  it('takes the commonest class of what is labelled, so that thin strokes stay', () => {
    const values = Uint8Array.of(255, 255, 1, 0, 2, 255, 2, 1, 1, 255, 255, 255, 255, 255, 0)
    expect(shrinkLabels({ width: 5, height: 3, values }, 2)).toEqual({
      width: 3,
      height: 2,
      values: Uint8Array.of(2, 1, 2, 255, 255, 0),
    })
  })
})
