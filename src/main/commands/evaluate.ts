import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { defaultEngine, engineNames } from '../../model/engine/engines.ts'
import { createPredictorThread } from '../../model/engine/predictor-thread.ts'
import type { Checkpoint } from '../../model/weights/checkpoint.ts'
import { SegscopeError } from '../../model/errors.ts'
import { guessLabelValues } from '../imaging/guess-label-values.ts'
import { listImages } from '../imaging/list-images.ts'
import { type LabelledImage, pairImagesWithLabels } from '../imaging/pair-labels.ts'
import { type LabelValues, readLabelMap } from '../imaging/read-label-map.ts'
import { convertLabels } from '../services/convert-labels.ts'
import { scoreImages } from '../services/score-images.ts'
import { type CommandContext, type CommonOptions, runCommand } from '../terminal/run-command.ts'
import { readNamedCheckpoint } from './project-checkpoint.ts'
import { describeDice, scoresByName } from './training-report.ts'

interface EvaluateOptions extends CommonOptions {
  images: string
  labels: string
  labelSuffix?: string
  labelValues?: LabelValues | undefined
  checkpoint: string
  project?: string
  flips?: true
  engine: string
}

/** Adds `segscope evaluate`. */
export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description(
      'compare the predictions of a checkpoint with labels: Dice and IoU by class, over all labelled pixels',
    )
    .requiredOption('--images <folder>', 'the images, sub-folders included')
    .requiredOption('--labels <folder>', 'their label maps, named like the images')
    .option('--label-suffix <text>', "what stands between an image's name and its label map's extension")
    .addOption(
      new Option(
        '--label-values <meaning>',
        'what the values of label maps mean; guessed where it is clear',
      ).choices(['classes', 'binary', 'zero-unlabelled']),
    )
    .requiredOption('--checkpoint <id or file>', 'a checkpoint, or an experiment, whose best one is taken')
    .option('--project <folder>', 'the project of the checkpoint, where it is named by its id')
    .option('--flips', 'average over the mirror images too: four times the work, a little better')
    .addOption(new Option('--engine <name>', 'what computes').choices(engineNames).default(defaultEngine))
    .action(runCommand(evaluateCommand))
}

async function evaluateCommand(options: EvaluateOptions, context: CommandContext): Promise<void> {
  const { signal } = context
  const { header, network, weights } = await readNamedCheckpoint(options.checkpoint, options.project)
  const images = await listImages(options.images)
  const found = await pairImagesWithLabels(images, options.images, options.labels, options.labelSuffix)
  const convertedFolder = await mkdtemp(join(tmpdir(), 'segscope-labels-'))
  try {
    const { classNames } = header.plan
    const { pairs, labelValues } = await convertLabels(found, convertedFolder, classNames, signal)
    await evaluate(
      { ...options, labelValues: options.labelValues ?? labelValues },
      { header, network, weights },
      pairs,
      context,
    )
  } finally {
    await rm(convertedFolder, { recursive: true, force: true })
  }
}

async function evaluate(
  options: EvaluateOptions,
  { header, network, weights }: Checkpoint,
  found: readonly LabelledImage[],
  { reporter, signal }: CommandContext,
): Promise<void> {
  const pairs = found.flatMap(({ image, label }) =>
    label === undefined ? [] : [{ path: image, labelPath: label }],
  )
  const labelValues =
    options.labelValues ??
    (await guess(
      pairs.map(({ labelPath }) => labelPath),
      reporter,
    ))
  const predictor = await createPredictorThread(options.engine, network, weights, { output: 'probabilities' })
  try {
    const { scores } = await scoreImages(
      pairs.map((pair) => ({
        ...pair,
        readLabels: () => readLabelMap(pair.labelPath, labelValues, network.classes),
      })),
      {
        predictor,
        network,
        plan: header.plan,
        flips: options.flips === true,
        signal,
        onImage: (index) => {
          reporter.progress(index / pairs.length, `image ${index + 1} of ${pairs.length}`)
        },
        onFailure: (path, error) => {
          reporter.failed(path, error)
        },
      },
    )
    if (reporter.failedFiles === pairs.length) {
      throw new SegscopeError('nothing-evaluated', 'None of the images could be evaluated.')
    }
    const { classNames } = header.plan
    reporter.result(
      {
        dice: scoresByName(scores.dice, classNames),
        iou: scoresByName(scores.iou, classNames),
        images: pairs.length - reporter.failedFiles,
      },
      `Dice over ${pairs.length - reporter.failedFiles} images: ${describeDice(scores, classNames)}`,
    )
  } finally {
    await predictor.dispose()
  }
}

async function guess(labels: string[], reporter: CommandContext['reporter']): Promise<LabelValues> {
  const { labelValues, explanation } = await guessLabelValues(labels)
  reporter.info(explanation)
  return labelValues
}
