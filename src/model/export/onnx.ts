import { dirname, basename, extname, join } from 'node:path'
import { serialiseModel } from '../engine/onnxruntime/onnx-model.ts'
import { writeFileAtomically } from '../files/atomic-write.ts'
import type { Checkpoint } from '../weights/checkpoint.ts'
import { buildExchangeGraph } from './exchange-graph.ts'
import { describeUse } from './describe-use.ts'

/**
 * The network as an ONNX file: `buildExchangeGraph` says what goes in and comes out. The metadata say what to do before and
 * after, for people and, as JSON, for programs.
 */
export function encodeOnnxModel({ header, network, weights }: Checkpoint): Uint8Array {
  const { classNames, normalisation, imageScale } = header.plan
  return serialiseModel(buildExchangeGraph(network, weights, imageScale), {
    segscope_version: header.segscopeVersion,
    experiment: header.experiment,
    class_names: JSON.stringify(classNames),
    normalisation: JSON.stringify(normalisation),
    image_scale: String(imageScale),
    preprocessing:
      'image = 2 * (value - low) / (high - low) - 1, channel by channel, as float32; low and high as "normalisation" says: of scope "data set" its own, of scope "image" the 0.5 % and 99.5 % quantiles of each image. NaN becomes -1.',
    postprocessing:
      'The class of a pixel is the index of its largest probability (axis 1); names: "class_names".',
  })
}

/**
 * Writes the network for other programs, and beside it `NAME.md`, which says how to use it.
 * @throws SegscopeError as `writeFileAtomically`
 */
export async function writeOnnxModel(path: string, checkpoint: Checkpoint): Promise<void> {
  const name = basename(path, extname(path))
  await writeFileAtomically(path, [encodeOnnxModel(checkpoint)])
  await writeFileAtomically(join(dirname(path), `${name}.md`), [
    Buffer.from(`# ${name}\n\n${describeUse(checkpoint, basename(path))}`),
  ])
}
