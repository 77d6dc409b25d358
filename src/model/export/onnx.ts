import { buildInferenceGraph } from '../engine/onnxruntime/inference-graph.ts'
import { serialiseModel } from '../engine/onnxruntime/onnx-model.ts'
import { writeFileAtomically } from '../files/atomic-write.ts'
import type { Checkpoint } from '../weights/checkpoint.ts'

/**
 * Writes the network as an ONNX file for prediction: input `image`, `[batch, channels, height, width]`, multiples of 32;
 * output `probabilities`, `[batch, classes, height, width]`. The metadata say what to do before it: the plan's normalisation
 * and image scale as JSON, and the classes' names.
 * @throws SegscopeError as `writeFileAtomically`
 */
export async function writeOnnxModel(path: string, { header, network, weights }: Checkpoint): Promise<void> {
  const { classNames, normalisation, imageScale } = header.plan
  const model = serialiseModel(buildInferenceGraph(network, weights, 'probabilities'), {
    segscope_version: header.segscopeVersion,
    experiment: header.experiment,
    class_names: JSON.stringify(classNames),
    normalisation: JSON.stringify(normalisation),
    image_scale: String(imageScale),
  })
  await writeFileAtomically(path, [model])
}
