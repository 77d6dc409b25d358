import { Tensor as OrtTensor } from '../../../../src/model/engine/onnxruntime/library.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrainingBatch } from '../../../../src/model/engine/engine.ts'
import { createSession } from '../../../../src/model/engine/onnxruntime/session.ts'
import { floatTensor, StateTensors } from '../../../../src/model/engine/onnxruntime/state-tensors.ts'
import { onnxRuntimeEngine } from '../../../../src/model/engine/onnxruntime/index.ts'
import { buildTrainingGraph, stepInputs } from '../../../../src/model/engine/onnxruntime/training-graph.ts'
import { listParameters } from '../../../../src/model/network/parameters.ts'
import { sharedFolder } from '../../../shared.ts'
import { largestDifference } from '../compare.ts'
import { referenceNetwork, referenceWeights, TrainingReference } from '../reference-network.ts'
import { freshState, groups, referenceOptions, testTrainingAgainstPyTorch } from '../training-contract.ts'

describe.skipIf(sharedFolder === undefined)('training agrees with PyTorch', () => {
  let reference: TrainingReference
  beforeAll(async () => {
    reference = await TrainingReference.open()
  })
  afterAll(() => {
    reference.close()
  })

  it('starts from the same parameters', () => {
    const names = reference.readTexts('parameter_names')
    const trained = listParameters(referenceNetwork).filter((parameter) => parameter.trained)
    expect(trained.map((parameter) => parameter.name)).toEqual(names)
    const first = reference.read('parameter_first_values')
    const weights = referenceWeights(referenceNetwork)
    names.forEach((name, index) => {
      const values = weights.get(name)?.data.subarray(0, 4) as Float32Array
      values.forEach((value, place) => {
        expect(value).toBeCloseTo(first[index * 4 + place] as number, 5)
      })
    })
  })

  it.each(groups)('computes the logits of the first step: %s', async (group, freezeEncoder) => {
    const state = freshState(referenceWeights(referenceNetwork))
    const training = buildTrainingGraph(referenceNetwork, state.weights, {
      ...referenceOptions,
      freezeEncoder,
    })
    const session = await createSession(training.graph, undefined)
    const tensors = new StateTensors(training, state)
    const { images, labels } = firstBatch()
    const scalar = floatTensor([], Float32Array.of(0))
    const { logits } = await session.run(
      {
        ...tensors.fixed,
        ...tensors.current,
        images: floatTensor([2, 3, 64, 64], images.data.slice()),
        labels: new OrtTensor('uint8', labels, [2, 64, 64]),
        ...Object.fromEntries(Object.values(stepInputs).map((name) => [name, scalar])),
      },
      ['logits'],
    )
    await session.release()
    const computed = (logits as OrtTensor).data as Float32Array
    // [classes, batch, pixels] to PyTorch's [batch, classes, pixels].
    const plane = 64 * 64
    const batchFirst = computed.map((_, index) => {
      const [image, number] = [Math.floor(index / (5 * plane)), Math.floor(index / plane) % 5]
      return computed[(number * 2 + image) * plane + (index % plane)] as number
    })
    expect(largestDifference(batchFirst, reference.read(`${group}/logits_train`))).toBeLessThan(1e-3)
  })

  function firstBatch(): TrainingBatch {
    return {
      images: reference.images(3),
      labels: Uint8Array.from(reference.read('labels')),
      learningRate: 1e-3,
      dropoutSeed: 0,
    }
  }
})

testTrainingAgainstPyTorch(onnxRuntimeEngine)
