import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  alignToScreen,
  type Camera,
  clamp,
  fit,
  imageToClip,
  imageToScreen,
  magnification,
  oneToOne,
  pan,
  screenToImage,
  visibleRectangle,
  zoomAt,
} from '../../../src/renderer/viewer/camera.ts'

const image = { width: 3001, height: 1999 }

const cameras = fc
  .record({
    x: fc.double({ min: 0, max: image.width, noNaN: true }),
    y: fc.double({ min: 0, max: image.height, noNaN: true }),
    zoom: fc.double({ min: 0.05, max: 60, noNaN: true }),
    viewport: fc.record({
      width: fc.integer({ min: 100, max: 3000 }),
      height: fc.integer({ min: 100, max: 2000 }),
      pixelRatio: fc.constantFrom(1, 1.25, 1.5, 2),
    }),
  })
  .map((camera: Camera) => clamp(camera, image))
const points = fc.record({ x: fc.integer({ min: 0, max: 2000 }), y: fc.integer({ min: 0, max: 1500 }) })

describe('camera', () => {
  test('goes from the screen to the image and back', () => {
    fc.assert(
      fc.property(cameras, points, (camera, point) => {
        const back = imageToScreen(camera, screenToImage(camera, point))
        expect(back.x).toBeCloseTo(point.x, 6)
        expect(back.y).toBeCloseTo(point.y, 6)
      }),
    )
  })

  test('tells WebGL the same place as the screen', () => {
    fc.assert(
      fc.property(cameras, points, (camera, at) => {
        const { scale, offset } = imageToClip(camera)
        const screen = imageToScreen(camera, at)
        const { width, height } = camera.viewport
        expect(at.x * scale[0] + offset[0]).toBeCloseTo((2 * screen.x) / width - 1, 6)
        expect(at.y * scale[1] + offset[1]).toBeCloseTo(1 - (2 * screen.y) / height, 6)
      }),
    )
  })

  test('keeps what is under the cursor while it zooms', () => {
    const camera = fit(image, { width: 1280, height: 800, pixelRatio: 1 })
    const cursor = imageToScreen(camera, { x: 1700, y: 800 })
    const nearer = zoomAt(camera, 20, cursor, image)
    expect(nearer.zoom).toBeCloseTo(20 * camera.zoom)
    expect(screenToImage(nearer, cursor)).toEqual({
      x: expect.closeTo(1700, 6) as number,
      y: expect.closeTo(800, 6) as number,
    })
  })

  test('cannot lose the image from sight, nor zoom beyond sense', () => {
    fc.assert(
      fc.property(cameras, fc.double({ min: 1e-9, max: 1e9, noNaN: true }), points, (camera, factor, at) => {
        const moved = pan(zoomAt(camera, factor, at, image), { x: 1e7, y: -1e7 }, image)
        expect([moved.x, moved.y]).toEqual([0, image.height])
        expect(magnification(moved)).toBeLessThanOrEqual(128.001)
        expect(moved.zoom * Math.max(image.width, image.height)).toBeGreaterThan(20)
      }),
    )
  })

  test('fits the whole image, whichever side is the tight one', () => {
    for (const viewport of [
      { width: 1280, height: 800, pixelRatio: 1 },
      { width: 300, height: 900, pixelRatio: 2 },
    ]) {
      const seen = visibleRectangle(fit(image, viewport))
      expect(seen.x).toBeLessThan(0)
      expect(seen.y).toBeLessThan(0)
      expect(seen.x + seen.width).toBeGreaterThan(image.width)
      expect(seen.y + seen.height).toBeGreaterThan(image.height)
      expect(Math.min(seen.width / image.width, seen.height / image.height)).toBeLessThan(1.05)
    }
  })

  test('at one to one puts every image pixel on one pixel of the screen', () => {
    for (const pixelRatio of [1, 1.5, 2]) {
      const viewport = { width: 1281, height: 801, pixelRatio }
      const camera = alignToScreen(oneToOne({ x: 700.3, y: 512.9, zoom: 0.2, viewport }, image))
      const corner = imageToScreen(camera, { x: 100, y: 50 })
      const next = imageToScreen(camera, { x: 101, y: 51 })
      expect((next.x - corner.x) * pixelRatio).toBeCloseTo(1, 9)
      expect((corner.x * pixelRatio) % 1).toBeCloseTo(0, 6)
      expect(Math.abs(camera.x - 700.3)).toBeLessThanOrEqual(0.5)
    }
  })
})
