import { createHash } from 'node:crypto'
import { zipSync } from 'fflate'
import sharp from 'sharp'
import { stringify } from 'yaml'
import { SegscopeError } from '../../../model/errors.ts'
import {
  describeForBioImageIO,
  type ModelCitation,
  type PackagedFile,
} from '../../../model/export/bioimageio-description.ts'
import { describeUse } from '../../../model/export/describe-use.ts'
import { encodeOnnxModel } from '../../../model/export/onnx.ts'
import { runOnnxModel } from '../../../model/export/run-onnx-model.ts'
import { writeFileAtomically } from '../../../model/files/atomic-write.ts'
import { mostProbable } from '../../../model/prediction/band.ts'
import type { Checkpoint } from '../../../model/weights/checkpoint.ts'
import { encodeNpy } from '../../imaging/npy.ts'
import { overlayClasses } from '../../imaging/overlay.ts'
import { previewRaster } from '../../imaging/preview.ts'
import { cutExample, drawExample, EXAMPLE_EXTENT } from './example-image.ts'
import { normaliseExample } from './normalise-example.ts'

export interface PackageRequest extends ModelCitation {
  /** An image from whose middle the example in the package is cut; undefined: one is drawn. */
  example: string | undefined
}

/**
 * Writes a model package for the BioImage Model Zoo and the programs that read its format (ilastik, Fiji's deepImageJ,
 * QuPath, napari): a zip of `rdf.yaml`, the weights as ONNX, an example with its result, a cover and documentation.
 * @throws SegscopeError `package-name`, `package-authors`; as `cutExample` and `writeFileAtomically`
 */
export async function writeBioImageIOPackage(
  path: string,
  checkpoint: Checkpoint,
  request: PackageRequest,
): Promise<void> {
  checkCitation(request)
  const { network, header } = checkpoint
  const { inputChannels, classes } = network
  const extent = EXAMPLE_EXTENT
  const example =
    request.example === undefined ? drawExample(checkpoint) : await cutExample(request.example, checkpoint)
  const weights = encodeOnnxModel(checkpoint)
  const input = normaliseExample(example, header.plan.normalisation, inputChannels)
  const output = await runOnnxModel(weights, input, [1, inputChannels, extent, extent])
  const files: Record<string, Uint8Array> = {
    'weights.onnx': weights,
    'test_input.npy': encodeNpy(example, [1, inputChannels, extent, extent]),
    'test_output.npy': encodeNpy(output, [1, classes, extent, extent]),
    'cover.png': await drawCover(example, output, inputChannels, classes),
    'README.md': Buffer.from(documentation(checkpoint, request)),
  }
  const packaged = (source: string): PackagedFile => ({
    source,
    sha256: createHash('sha256')
      .update(files[source] as Uint8Array)
      .digest('hex'),
  })
  const description = describeForBioImageIO(checkpoint, request, {
    weights: packaged('weights.onnx'),
    testInput: packaged('test_input.npy'),
    testOutput: packaged('test_output.npy'),
  })
  files['rdf.yaml'] = Buffer.from(stringify(description))
  // Weights are noise to a compressor.
  await writeFileAtomically(path, [zipSync(files, { level: 1 })])
}

/** What the format lets a name be: letters, digits, spaces and `_+-()`, 5 to 128 of them. */
function checkCitation({ name, authors }: ModelCitation): void {
  if (!/^[A-Za-z0-9_+\- ()]{5,128}$/.test(name)) {
    throw new SegscopeError('package-name', `"${name}" cannot be the name of a BioImage.IO model.`, {
      remedy: 'It takes 5 to 128 letters of English, digits, spaces, and the signs _ + - ( ).',
    })
  }
  if (authors.length === 0 || authors.some((author) => /[/\\]/.test(author) || author.trim() === '')) {
    throw new SegscopeError('package-authors', 'A BioImage.IO model needs its authors.', {
      remedy: 'Name at least one; slashes are not allowed.',
    })
  }
}

function documentation(checkpoint: Checkpoint, { name, description, example }: PackageRequest): string {
  const { header } = checkpoint
  const scored =
    header.scores === undefined ? 'There were no validation images.' : 'The table above has them.'
  return `# ${name}

${description}

${describeUse(checkpoint, 'weights.onnx')}
## Validation

During training, the network was measured on images that it did not learn from: Dice, class by class. ${scored} To
measure it on images of your own, compare its classes with label maps painted by hand, for example with
\`segscope evaluate\`, and look at some: images of another microscope or magnification may need a network of their own.

The example in the package is ${example === undefined ? 'drawn, not a micrograph: it proves that the network runs as it did when it was packed' : 'the middle of an image'}.
`
}

/** The example on the left, its classes over it on the right. */
async function drawCover(
  example: Float32Array,
  probabilities: Float32Array,
  channels: number,
  classes: number,
): Promise<Buffer> {
  const extent = EXAMPLE_EXTENT
  const area = extent ** 2
  const preview = previewRaster({ samples: example, channels, width: extent, height: extent })
  const planes = Array.from({ length: classes }, (_, index) =>
    probabilities.subarray(index * area, (index + 1) * area),
  )
  const overlay = overlayClasses(preview, { width: extent, height: extent, values: mostProbable(planes) })
  const raw = { width: extent, height: extent, channels: 3 as const }
  return sharp({ create: { width: 2 * extent, height: extent, channels: 3, background: '#000' } })
    .composite([
      { input: Buffer.from(preview.rgb), raw, left: 0, top: 0 },
      { input: Buffer.from(overlay.rgb), raw, left: extent, top: 0 },
    ])
    .png()
    .toBuffer()
}
