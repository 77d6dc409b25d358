import type { Command } from 'commander'
import { writeOnnxModel } from '../../model/export/onnx.ts'
import { type CommandContext, type CommonOptions, runCommand } from '../terminal/run-command.ts'
import { readNamedCheckpoint } from './project-checkpoint.ts'

interface ExportOptions extends CommonOptions {
  checkpoint: string
  project?: string
  onnx: string
}

/** Adds `segscope export`. */
export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description('write the network of a checkpoint as an ONNX file, for other programs')
    .requiredOption('--checkpoint <id or file>', 'a checkpoint, or an experiment, whose best one is taken')
    .option('--project <folder>', 'the project of the checkpoint, where it is named by its id')
    .requiredOption('--onnx <file>', 'the file to write')
    .action(runCommand(exportCommand))
}

async function exportCommand(options: ExportOptions, { reporter }: CommandContext): Promise<void> {
  const checkpoint = await readNamedCheckpoint(options.checkpoint, options.project)
  await writeOnnxModel(options.onnx, checkpoint)
  reporter.result(
    { onnx: options.onnx },
    `Wrote ${options.onnx}: input "image" [batch, channels, height, width], sizes multiples of ${checkpoint.network.stride}; output "probabilities". How to bring images to its range stands in the file's metadata.`,
  )
}
