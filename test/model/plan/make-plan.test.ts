import { describe, expect, it } from 'vitest'
import { buildNetwork } from '../../../src/model/network/unet.ts'
import { decideDecoder } from '../../../src/model/plan/decide-decoder.ts'
import { explainPlan, makePlan, type PlanRequest } from '../../../src/model/plan/make-plan.ts'
import { type Plan, planSchema } from '../../../src/model/plan/plan.ts'
import { estimateTrainingBytes } from '../../../src/model/plan/training-memory.ts'
import { classFacts, fingerprint, imageFacts, intensityFacts } from './facts.ts'

const request: PlanRequest = {
  seed: 7,
  memoryBytes: 4e9,
  start: 'scratch',
  freezeEncoder: false,
  steps: 800,
}

function planFor(facts: Parameters<typeof fingerprint>[0], changes: Partial<PlanRequest> = {}): Plan {
  return makePlan(fingerprint(facts), { ...request, ...changes })
}

describe('a plan', () => {
  it('is valid JSON that reads back as itself, and the same every time', () => {
    const plan = planFor({})
    expect(planSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan)
    expect(planFor({})).toEqual(plan)
  })

  it('gives each of its decisions a reason', () => {
    const plan = planFor({})
    expect(explainPlan(plan)).toHaveLength(Object.keys(plan.decisions).length)
    for (const line of explainPlan(plan)) {
      expect(line).toMatch(/^[A-Z][^.]+: .+\. .+\.$/)
      expect(line).not.toMatch(/undefined|NaN|Infinity/)
    }
  })

  it('is refused where nothing can be told apart', () => {
    const classes = classFacts({ share: 1 }, { share: 0 })
    expect(() => planFor({ classes })).toThrow(expect.objectContaining({ code: 'too-few-classes' }))
  })
})

describe('normalisation', () => {
  it('takes the percentiles of the data set, not its hot pixels, where exposures are alike', () => {
    expect(planFor({}).normalisation).toEqual({ scope: 'data set', channels: [{ low: 110, high: 3500 }] })
  })

  it.each([
    ['a class is dim here and bright there', { intensities: [intensityFacts({ classSpread: 0.7 })] }],
    ['backgrounds differ', { intensities: [intensityFacts({ medianSpread: 0.8 })] }],
    [
      'sample types are mixed',
      { images: [imageFacts('a.tif'), imageFacts('b.png', { sampleType: 'uint8' })] },
    ],
    [
      'some files are shifted left',
      { images: [imageFacts('a.tif'), imageFacts('b.tif', { unusedLowBits: 4 })] },
    ],
    [
      'grey and colour are mixed',
      {
        images: [imageFacts('a.png'), imageFacts('b.png', { channels: 3, colour: true })],
        channels: 3,
        intensities: [intensityFacts(), intensityFacts(), intensityFacts()],
      },
    ],
  ])('takes each image by itself where %s', (_, facts) => {
    const plan = planFor(facts)
    expect(plan.normalisation.scope).toBe('image')
    expect(plan.normalisation.channels).toHaveLength(plan.network.inputChannels)
  })

  it('has a range even where all values are equal', () => {
    const intensities = [intensityFacts({ percentile005: 5, percentile995: 5 })]
    expect(planFor({ intensities }).normalisation.channels).toEqual([{ low: 5, high: 6 }])
  })
})

describe('patches', () => {
  const objectsOf = (diameter: number) => ({ classes: classFacts({ share: 0.8 }, { share: 0.2, diameter }) })

  it('grow with the objects, and images shrink only for objects wider than the largest patch', () => {
    const sizes = [10, 64, 80, 120, 250, 300, 900].map((diameter) => {
      const { patchSize, batchSize, imageScale } = planFor(objectsOf(diameter))
      return { diameter, patchSize, batchSize, imageScale }
    })
    expect(sizes).toEqual([
      { diameter: 10, patchSize: 128, batchSize: 8, imageScale: 1 },
      { diameter: 64, patchSize: 128, batchSize: 8, imageScale: 1 },
      { diameter: 80, patchSize: 192, batchSize: 4, imageScale: 1 },
      { diameter: 120, patchSize: 256, batchSize: 4, imageScale: 1 },
      { diameter: 250, patchSize: 256, batchSize: 4, imageScale: 1 },
      { diameter: 300, patchSize: 256, batchSize: 4, imageScale: 0.5 },
      { diameter: 900, patchSize: 128, batchSize: 8, imageScale: 0.25 },
    ])
  })

  it('are not shrunk where a thin class would be lost', () => {
    const classes = classFacts(
      { share: 0.7 },
      { share: 0.28, diameter: 900 },
      { share: 0.02, diameter: 60, thickness: 2 },
    )
    expect(planFor({ classes }).imageScale).toBe(1)
  })

  it('show four times as much of images that a short run could not get around', () => {
    const images = Array.from({ length: 40 }, (_, index) => imageFacts(`${index}.tif`))
    const scaleOf = (size: { diameter?: number; thickness?: number }, steps: number): number =>
      planFor({ images, classes: classFacts({ share: 0.8 }, { share: 0.2, ...size }) }, { steps }).imageScale
    const passes = (steps: number): number =>
      (steps * 8 * 128 ** 2) / images.reduce((sum, { width, height }) => sum + width * height, 0)
    expect(passes(300)).toBeLessThan(6)
    expect(passes(3000)).toBeGreaterThan(6)
    expect(scaleOf({ diameter: 32 }, 300)).toBe(0.5)
    expect(scaleOf({ diameter: 32 }, 3000)).toBe(1)
    // Small objects and thin lines would not survive it; of strokes the size is not known.
    expect(scaleOf({ diameter: 12 }, 300)).toBe(1)
    expect(scaleOf({ diameter: 32, thickness: 2 }, 300)).toBe(1)
    expect(scaleOf({}, 300)).toBe(1)
  })

  it('are no larger than the smallest labelled image, padded', () => {
    const tiny = imageFacts('tiny.tif', { width: 20, height: 20, labelled: 0 })
    const sized = (width: number) => ({ images: [imageFacts('a.tif'), imageFacts('b.tif', { width }), tiny] })
    expect([100, 70, 20].map((width) => planFor(sized(width)).patchSize)).toEqual([128, 96, 64])
  })

  it('fit into the memory, smaller first, as batch norm needs several', () => {
    const within = (memoryBytes: number): [number, number] => {
      const plan = planFor(objectsOf(100), { memoryBytes })
      expect(estimateTrainingBytes(buildNetwork(plan.network), plan.batchSize, plan.patchSize)).toBeLessThan(
        memoryBytes,
      )
      return [plan.patchSize, plan.batchSize]
    }
    expect(within(4e9)).toEqual([256, 4])
    expect(within(2.1e9)).toEqual([224, 4])
    expect(within(0.62e9)).toEqual([64, 6])
    expect(within(0.49e9)).toEqual([64, 2])
    expect(() => within(0.1e9)).toThrow(expect.objectContaining({ code: 'not-enough-memory' }))
  })
})

describe('classes', () => {
  // As measured on phase-contrast cells: background, interior, outline.
  const cells = classFacts(
    { share: 0.83 },
    { share: 0.15, diameter: 62 },
    { share: 0.016, diameter: 21, thickness: 1 },
  )

  it('that are thin and rare count several times, not in inverse proportion', () => {
    const [background, interior, outline] = planFor({ classes: cells }).classWeights as [
      number,
      number,
      number,
    ]
    expect(background + interior + outline).toBeCloseTo(3)
    expect(outline / background).toBeGreaterThan(4)
    expect(outline / background).toBeLessThan(6)
    expect(interior / background).toBeGreaterThan(1.2)
    expect(interior / background).toBeLessThan(2)
  })

  it('that are wide need no weight: the loss judges their overlap', () => {
    const plan = planFor({ classes: classFacts({ share: 0.95 }, { share: 0.05, diameter: 40 }) })
    expect(plan.classWeights).toEqual([1, 1])
    expect(plan.diceWeight).toBe(1)
  })

  it('that are rare are drawn on purpose', () => {
    expect(planFor({ classes: cells }).classSampling).toEqual([0, 0.25, 0.25])
  })

  it('that nobody painted take no part', () => {
    const plan = planFor({ classes: classFacts({ share: 0.8 }, { share: 0 }, { share: 0.2, diameter: 30 }) })
    expect(plan.network.classes).toBe(3)
    expect(plan.classSampling).toEqual([0, 0, 0.5])
    expect(plan.classWeights[1]).toBe(0)
    expect((plan.classWeights[0] ?? 0) + (plan.classWeights[2] ?? 0)).toBeCloseTo(2)
  })

  it('that are next to nothing do not take over the loss', () => {
    const classes = classFacts({ share: 0.999999 }, { share: 0.000001, diameter: 2, thickness: 1 })
    const [heavy, light] = planFor({ classes }).classWeights as [number, number]
    expect(light / heavy).toBeCloseTo(20)
  })
})

describe('the decoder', () => {
  it('has all its channels where there is time for them, and fewer for more steps where there is not', () => {
    const decoderFor = (changes: Partial<PlanRequest>): string =>
      planFor({}, { steps: undefined, ...changes }).network.decoder
    expect(decoderFor({ minutes: 6, stepMilliseconds: 400 })).toBe('slim')
    expect(decoderFor({ minutes: 6, stepMilliseconds: 40 })).toBe('pix2pix')
    expect(decoderFor({ minutes: 60, stepMilliseconds: 400 })).toBe('pix2pix')
    expect(planFor({}, { steps: 100 }).network.decoder).toBe('pix2pix')
    // Segscope's own network has learnt with the slim one.
    const own = { start: 'starting network' } as const
    expect(decoderFor({ ...own, minutes: 6, stepMilliseconds: 150 })).toBe('slim')
    expect(decoderFor({ ...own, minutes: 60, stepMilliseconds: 400 })).toBe('pix2pix')
    expect(planFor({}, { ...own, steps: 100 }).network.decoder).toBe('slim')
  })

  it('is told from a step measured with either decoder', () => {
    const time = { minutes: 10, stepMilliseconds: 250, start: 'scratch' } as const
    expect(decideDecoder(time, 'pix2pix').value).toBe('pix2pix')
    expect(decideDecoder(time, 'slim').value).toBe('slim')
  })
})

describe('the schedule', () => {
  it('fits the steps into the time, with a reserve', () => {
    const timed = { steps: undefined, minutes: 6, stepMilliseconds: 350 }
    const { steps, validation } = planFor({}, timed)
    expect(steps * 350).toBeGreaterThan(0.8 * 6 * 60_000)
    expect(steps * 350).toBeLessThan(0.9 * 6 * 60_000)
    expect(steps / validation.everySteps).toBeGreaterThan(8)
    expect(planFor({}, { ...timed, minutes: 12 }).steps).toBeGreaterThan(1.99 * steps)
  })

  it('measures a step on the patches that training will have', () => {
    const before = planFor({}, { steps: undefined, minutes: 6 })
    const after = planFor({}, { steps: undefined, minutes: 6, stepMilliseconds: 2000 })
    expect([after.patchSize, after.batchSize, after.network]).toEqual([
      before.patchSize,
      before.batchSize,
      before.network,
    ])
    expect(after.steps).toBeLessThan(before.steps)
  })

  it.each([10, 50, 300, 800, 5000, 100_000])(
    'has room for warm-up, settling and validation in %i steps',
    (steps) => {
      const plan = planFor({}, { steps })
      expect(plan.schedule.warmUpSteps).toBeLessThanOrEqual(steps / 2)
      expect(plan.validation.everySteps).toBeLessThanOrEqual(Math.ceil(steps / 4))
      // What is left of the starting statistics after half of the run.
      if (steps >= 50) expect((1 - plan.batchNormMomentum) ** (steps / 2)).toBeLessThan(0.1)
      // The average must not reach back over most of the run.
      if (plan.averageDecay > 0) expect(1 / (1 - plan.averageDecay)).toBeLessThanOrEqual(steps / 20 + 1e-6)
      expect(() => planSchema.parse(plan)).not.toThrow()
    },
  )

  it('goes gently with trained weights, unless they are frozen', () => {
    const peaks = [
      planFor({}, { start: 'starting network' }),
      planFor({}, { start: 'file', freezeEncoder: true }),
      planFor({}),
    ].map((plan) => plan.schedule.peakLearningRate)
    expect(peaks).toEqual([5e-4, 1e-3, 1e-3])
  })

  it('validates less often where validation images are large', () => {
    const large = Array.from({ length: 8 }, (_, index) =>
      imageFacts(`${index}.tif`, { width: 4096, height: 4096 }),
    )
    // At full resolution, which objects of this size keep.
    const classes = classFacts({ share: 0.8 }, { share: 0.2, diameter: 12 })
    expect(planFor({ images: large, classes }).validation.everySteps).toBe(200)
    expect(planFor({}).validation.everySteps).toBe(40)
  })
})
