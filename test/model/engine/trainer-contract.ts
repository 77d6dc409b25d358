import { describe, expect, it } from 'vitest'
import type {
  Engine,
  StepResult,
  Trainer,
  TrainerOptions,
  TrainingBatch,
  TrainingState,
} from '../../../src/model/engine/engine.ts'
import type { Network } from '../../../src/model/network/network.ts'
import { listParameters } from '../../../src/model/network/parameters.ts'
import { buildNetwork } from '../../../src/model/network/unet.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { initialiseWeights } from '../../../src/model/weights/initialise.ts'
import { copyTensors, type NamedTensors } from '../../../src/model/weights/tensor.ts'
import { relativeDifference } from './compare.ts'
import { weightedCrossEntropy } from './onnxruntime/reference-operators.ts'
import { doStep } from './do-step.ts'

const batch = 4
const size = 32
const classes = 3

const options: TrainerOptions = {
  batch,
  height: size,
  width: size,
  freezeEncoder: false,
  batchNorm: 'batch',
  batchNormMomentum: 0.1,
  classWeights: [1, 1, 1],
  diceWeight: 0,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  clipNorm: undefined,
  threads: 1,
}

function networkWithDropout(dropout: number): Network {
  return buildNetwork({
    encoder: 'mobilenet-v2',
    alpha: 0.35,
    decoder: 'slim',
    inputChannels: 1,
    classes,
    dropout,
  })
}

const network = networkWithDropout(0)
const startingWeights = initialiseWeights(network, new RandomGenerator(2))

/** Noise, with every class and some pixels that are not labelled. */
function drawBatch(seed: number, learningRate = 0.01): TrainingBatch {
  const random = new RandomGenerator(seed)
  const pixels = batch * size * size
  return {
    images: {
      data: Float32Array.from({ length: pixels }, () => random.uniform(-1, 1)),
      batch,
      channels: 1,
      height: size,
      width: size,
    },
    labels: Uint8Array.from({ length: pixels }, () => [0, 1, 2, 255][random.nextInteger(4)] as number),
    learningRate,
    dropoutSeed: seed,
  }
}

/** The names of tensors that are not bit for bit the same. */
function changedNames(before: NamedTensors, after: NamedTensors): string[] {
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort())
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
    Buffer.from(buffer, byteOffset, byteLength)
  return [...before]
    .filter(([name, { data }]) => !bytes(data).equals(bytes(after.get(name)?.data as Float32Array)))
    .map(([name]) => name)
}

function expectSameState(state: TrainingState, expected: TrainingState): void {
  expect(changedNames(expected.weights, state.weights)).toEqual([])
  expect(changedNames(expected.firstMoments, state.firstMoments)).toEqual([])
  expect(changedNames(expected.secondMoments, state.secondMoments)).toEqual([])
  expect(state.step).toBe(expected.step)
}

/** L2 norm over all tensors. */
function norm(tensors: NamedTensors): number {
  let sum = 0
  for (const { data } of tensors.values()) for (const value of data) sum += value * value
  return Math.sqrt(sum)
}

/** What every engine's trainer must do; called by the tests of each. */
export function testTrainer(engine: Pick<Engine, 'createPredictor' | 'createTrainer'>): void {
  function start(changed: Partial<TrainerOptions> = {}, from: Partial<TrainingState> = {}): Promise<Trainer> {
    const state = { weights: startingWeights, firstMoments: new Map(), secondMoments: new Map(), step: 0 }
    return engine.createTrainer(network, { ...state, ...from }, { ...options, ...changed })
  }

  describe('the optimiser', () => {
    it('is AdamW with decoupled decay, over three steps', async () => {
      // An epsilon large enough to show, and a rate that changes.
      const { beta1, beta2, epsilon, weightDecay } = { ...options, epsilon: 1e-3, weightDecay: 0.1 }
      const trainer = await start({ epsilon, weightDecay })
      let before = trainer.state()
      for (const [index, learningRate] of [0.05, 0.02, 0.01].entries()) {
        await doStep(trainer, drawBatch(index, learningRate))
        const after = trainer.state()
        const count = index + 1
        for (const [name, { data: first }] of after.firstMoments) {
          const second = after.secondMoments.get(name)?.data as Float32Array
          const weights = after.weights.get(name)?.data as Float32Array
          const previous = {
            weights: before.weights.get(name)?.data as Float32Array,
            first: before.firstMoments.get(name)?.data as Float32Array,
            second: before.secondMoments.get(name)?.data as Float32Array,
          }
          const at = (values: Float32Array, place: number): number => values[place] as number
          const gradient = Float64Array.from(
            first,
            (value, place) => (value - beta1 * at(previous.first, place)) / (1 - beta1),
          )
          const expectedSecond = gradient.map(
            (value, place) => beta2 * at(previous.second, place) + (1 - beta2) * value ** 2,
          )
          expect(relativeDifference(second, expectedSecond), name).toBeLessThan(1e-4)
          const change = Float64Array.from(weights, (value, place) => value - at(previous.weights, place))
          const expectedChange = Float64Array.from(first, (value, place) => {
            const mean = value / (1 - beta1 ** count)
            const deviation = Math.sqrt(at(second, place) / (1 - beta2 ** count))
            return -learningRate * (mean / (deviation + epsilon) + weightDecay * at(previous.weights, place))
          })
          expect(relativeDifference(change, expectedChange), name).toBeLessThan(1e-4)
        }
        before = after
      }
      await trainer.dispose()
    })

    it('scales gradients down to the norm to clip at, and leaves smaller ones alone', async () => {
      const step = async (
        clipNorm: number | undefined,
      ): Promise<{ result: StepResult; gradient: NamedTensors }> => {
        const trainer = await start({ clipNorm, beta1: 0 })
        const result = await doStep(trainer, drawBatch(1))
        const gradient = trainer.state().firstMoments
        await trainer.dispose()
        return { result, gradient }
      }
      const free = await step(undefined)
      const clipNorm = free.result.gradientNorm / 3
      const clipped = await step(clipNorm)
      const loose = await step(free.result.gradientNorm * 3)
      expect(norm(free.gradient) / free.result.gradientNorm).toBeCloseTo(1, 5)
      expect(clipped.result).toEqual(free.result)
      expect(norm(clipped.gradient) / clipNorm).toBeCloseTo(1, 5)
      for (const [name, { data }] of free.gradient) {
        const third = data.map((value) => value / 3)
        expect(
          relativeDifference(clipped.gradient.get(name)?.data as Float32Array, third),
          name,
        ).toBeLessThan(1e-4)
      }
      expect(changedNames(free.gradient, loose.gradient)).toEqual([])
    })

    it('leaves the weights alone where a batch has nothing labelled', async () => {
      const trainer = await start()
      const unlabelled = { ...drawBatch(1), labels: new Uint8Array(batch * size * size).fill(255) }
      const { loss, gradientNorm } = await doStep(trainer, unlabelled)
      expect([Math.abs(loss), gradientNorm]).toEqual([0, 0])
      const moved = changedNames(startingWeights, trainer.state().weights)
      expect(moved.filter((name) => !/moving_(mean|variance)$/.test(name))).toEqual([])
      await trainer.dispose()
    })
  })

  it('the loss is the cross-entropy of what the network says, weighted by class, over labelled pixels', async () => {
    const classWeights = [0.3, 1, 6]
    const weights = copyTensors(startingWeights)
    weights.get('head.kernel')?.data.forEach((value, index, data) => (data[index] = 100 * value))
    const { images, ...others } = drawBatch(3)
    const predictor = await engine.createPredictor(network, weights, { output: 'logits', threads: 1 })
    const { data } = await predictor.run(images)
    const plane = size * size
    const byClass = Float64Array.from(data, (_, index) => {
      const [number, pixel] = [Math.floor(index / (batch * plane)), index % (batch * plane)]
      return data[(Math.floor(pixel / plane) * classes + number) * plane + (pixel % plane)] as number
    })
    await predictor.dispose()
    // With frozen batch norms training computes what prediction does.
    for (const weighting of [classWeights, [1, 1, 1]]) {
      const trainer = await start({ batchNorm: 'frozen', classWeights: weighting }, { weights })
      const { loss } = await doStep(trainer, { images, ...others })
      expect(loss / weightedCrossEntropy(byClass, others.labels, weighting)).toBeCloseTo(1, 5)
      await trainer.dispose()
    }
  })

  describe('what is frozen stays, bit for bit', () => {
    const isStatistic = (name: string): boolean => /moving_(mean|variance)$/.test(name)
    const isEncoder = (name: string): boolean => /^(stem|block_)/.test(name)

    it.each([
      { freezeEncoder: false, batchNorm: 'batch', stays: (): boolean => false },
      { freezeEncoder: true, batchNorm: 'batch', stays: isEncoder },
      { freezeEncoder: false, batchNorm: 'frozen', stays: isStatistic },
      {
        freezeEncoder: true,
        batchNorm: 'frozen',
        stays: (name: string) => isEncoder(name) || isStatistic(name),
      },
    ] as const)('encoder frozen: $freezeEncoder, batch norm: $batchNorm', async ({ stays, ...frozen }) => {
      const trainer = await start({ ...frozen, weightDecay: 0.1 })
      for (const seed of [1, 2, 3]) await doStep(trainer, drawBatch(seed))
      const { weights, firstMoments, secondMoments } = trainer.state()
      const names = listParameters(network).map(({ name }) => name)
      expect(changedNames(startingWeights, weights).sort()).toEqual(
        names.filter((name) => !stays(name)).sort(),
      )
      const trained = listParameters(network).filter(
        (parameter) => parameter.trained && !(frozen.freezeEncoder && isEncoder(parameter.name)),
      )
      for (const moments of [firstMoments, secondMoments]) {
        expect([...moments.keys()].sort()).toEqual(trained.map(({ name }) => name).sort())
      }
      await trainer.dispose()
    })
  })

  describe('the state', () => {
    it('is taken over and given out as a copy; the weights are given out as they are', async () => {
      const given = copyTensors(startingWeights)
      const trainer = await start({}, { weights: given })
      await doStep(trainer, drawBatch(1))
      const state = trainer.state()
      const kept = copyTensors(state.weights)
      const kernel = (weights: NamedTensors): Float32Array => weights.get('head.kernel')?.data as Float32Array
      expect(kernel(trainer.weights()).buffer).toBe(kernel(trainer.weights()).buffer)
      expect(changedNames(kept, trainer.weights())).toEqual([])
      await doStep(trainer, drawBatch(2))
      await doStep(trainer, drawBatch(3))
      expect(changedNames(kept, state.weights)).toEqual([])
      expect(changedNames(kept, trainer.weights())).toContain('head.kernel')
      expect(changedNames(startingWeights, given)).toEqual([])
      expect([state.step, trainer.state().step]).toEqual([1, 3])
      await trainer.dispose()
    })

    it('carries all that the next step needs, dropout by its seed among it', async () => {
      const withDropout = networkWithDropout(0.5)
      const create = (state: TrainingState): Promise<Trainer> =>
        engine.createTrainer(withDropout, state, { ...options, weightDecay: 0.01, clipNorm: 1 })
      const steady = await create({
        weights: startingWeights,
        firstMoments: new Map(),
        secondMoments: new Map(),
        step: 0,
      })
      await doStep(steady, drawBatch(1))
      await doStep(steady, drawBatch(2))
      const resumed = await create(steady.state())
      const other = await create(steady.state())
      const expected = await doStep(steady, drawBatch(3))
      expect(await doStep(resumed, drawBatch(3))).toEqual(expected)
      expectSameState(resumed.state(), steady.state())
      const { loss } = await doStep(other, { ...drawBatch(3), dropoutSeed: 4 })
      expect(loss).not.toBe(expected.loss)
      await Promise.all([steady, resumed, other].map((trainer) => trainer.dispose()))
    })

    it('is the same after several steps in one go as after one by one, and so are their results', async () => {
      const withDropout = networkWithDropout(0.5)
      const fresh = { weights: startingWeights, firstMoments: new Map(), secondMoments: new Map(), step: 0 }
      const [single, several] = await Promise.all(
        [1, 2].map(() =>
          engine.createTrainer(withDropout, fresh, { ...options, weightDecay: 0.01, clipNorm: 1 }),
        ),
      )
      const batches = [1, 2, 3].map((seed) => ({ ...drawBatch(seed), learningRate: 1e-3 * seed }))
      const expected = []
      for (const batch of batches) expected.push(await doStep(single as Trainer, batch))
      expect(await (several as Trainer).steps(batches)).toEqual(expected)
      expectSameState((several as Trainer).state(), (single as Trainer).state())
      for (const trainer of [single, several]) await trainer?.dispose()
    })

    it('stays as it was when a step fails, and the run goes on as if it had not been tried', async () => {
      const trainer = await start()
      const undisturbed = await start()
      for (const each of [trainer, undisturbed]) await doStep(each, drawBatch(1))
      const before = trainer.state()
      const good = drawBatch(2)
      const halfAsMany = { ...good.images, batch: 2, data: good.images.data.subarray(0, 2 * size * size) }
      const failing: TrainingBatch[] = [
        { ...good, labels: good.labels.subarray(1) },
        { ...good, images: halfAsMany, labels: good.labels.subarray(0, 2 * size * size) },
        { ...good, images: { ...good.images, channels: 2, batch: 2 } },
      ]
      for (const bad of failing) {
        await expect(doStep(trainer, bad)).rejects.toThrow()
        expectSameState(trainer.state(), before)
      }
      expect(await doStep(trainer, good)).toEqual(await doStep(undisturbed, good))
      expectSameState(trainer.state(), undisturbed.state())
      await Promise.all([trainer.dispose(), undisturbed.dispose()])
    })
  })
}
