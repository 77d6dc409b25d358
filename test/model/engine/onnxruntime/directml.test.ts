import { InferenceSession } from '../../../../src/model/engine/onnxruntime/library.ts'
import { expect, it } from 'vitest'
import { engineNames, enginesOf, loadEngine } from '../../../../src/model/engine/engines.ts'
import { gpuSessionOptions } from '../../../../src/model/engine/onnxruntime/gpu.ts'
import { serialiseModel } from '../../../../src/model/engine/onnxruntime/onnx-model.ts'
import { GraphBuilder } from '../../../../src/model/engine/onnxruntime/graph-builder.ts'

it('is offered under Windows alone', () => {
  const directMl = 'onnxruntime-directml'
  expect(enginesOf('win32')).toContain(directMl)
  expect(enginesOf('linux')).toEqual(enginesOf('win32').filter((name) => name !== directMl))
  expect(enginesOf('linux')).toEqual(enginesOf('darwin'))
  expect(engineNames).toEqual(enginesOf(process.platform))
})

it('runs in sequence and without memory patterns, which ONNX Runtime takes as options', async () => {
  const options = gpuSessionOptions('dml')
  expect(options).toEqual({
    executionProviders: ['dml'],
    enableMemPattern: false,
    executionMode: 'sequential',
  })
  const builder = new GraphBuilder()
  builder.output('output', builder.input('input', [1]))
  const session = await InferenceSession.create(serialiseModel(builder.finish('probe')), {
    ...options,
    executionProviders: ['cpu'],
  })
  expect(session.outputNames).toEqual(['output'])
  await session.release()
})

it.skipIf(process.platform === 'win32')("says why ONNX Runtime's build cannot be used with it", async () => {
  await expect(loadEngine('onnxruntime-directml')).rejects.toMatchObject({
    code: 'gpu-missing',
    message: expect.stringMatching(/^ONNX Runtime finds no GPU here: .*\[dml\] backend not found/) as string,
  })
})
