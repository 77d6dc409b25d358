import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import { SegscopeError } from '../../model/errors.ts'
import { writeOnnxModel } from '../../model/export/onnx.ts'
import { writeBioImageIOPackage } from '../services/bioimageio/write-package.ts'
import { type CommandContext, type CommonOptions, runCommand } from '../terminal/run-command.ts'
import { checkpointOption } from './checkpoint-option.ts'
import { nameList } from './option-values.ts'
import { readNamedCheckpoint } from './project-checkpoint.ts'

interface ExportOptions extends CommonOptions {
  checkpoint: string
  project?: string
  onnx?: string
  bioimageio?: string
  name?: string
  description: string
  authors?: string[]
  license: string
  example?: string
}

/** Adds `segscope export`. */
export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description('write the network of a checkpoint for other programs: as ONNX, or as a BioImage.IO package')
    .addOption(checkpointOption())
    .option('--project <folder>', 'the project of the checkpoint, where it is named by its id')
    .option('--onnx <file>', 'write the network, and NAME.md, which says how to use it')
    .option('--bioimageio <file>', 'write a model package (zip) for ilastik, deepImageJ, QuPath, napari')
    .addOption(new Option('--name <text>', "the package's name; the file's where undefined"))
    .option(
      '--description <text>',
      'what it segments',
      'Semantic segmentation of microscopy images, trained with Segscope',
    )
    .option('--authors <names>', 'who made the model, separated by commas; a package needs them', nameList)
    .option('--license <identifier>', 'of the package, by its SPDX identifier', 'CC-BY-4.0')
    .option('--example <image>', "an image whose middle becomes the package's example; one is drawn without")
    .action(runCommand(exportCommand))
}

async function exportCommand(options: ExportOptions, { reporter }: CommandContext): Promise<void> {
  const { onnx, bioimageio } = options
  if (onnx === undefined && bioimageio === undefined) {
    throw new SegscopeError('option-missing', 'Nothing was asked for.', {
      remedy: 'Name a file to write: --onnx FILE or --bioimageio FILE.',
    })
  }
  const checkpoint = await readNamedCheckpoint(options.checkpoint, options.project)
  const written: string[] = []
  if (onnx !== undefined) {
    await writeOnnxModel(onnx, checkpoint)
    written.push(
      `Wrote ${onnx}: input "image" [batch, channels, height, width], output "probabilities". How to use it stands beside it.`,
    )
  }
  if (bioimageio !== undefined) {
    const { description, license, authors = [], example } = options
    const name = options.name ?? basename(bioimageio).replace(/(\.bioimageio)?\.zip$/, '')
    await writeBioImageIOPackage(bioimageio, checkpoint, { name, description, license, authors, example })
    written.push(`Wrote ${bioimageio}: a BioImage.IO package.`)
  }
  reporter.result(
    { ...(onnx !== undefined && { onnx }), ...(bioimageio !== undefined && { bioimageio }) },
    written.join('\n'),
  )
}
