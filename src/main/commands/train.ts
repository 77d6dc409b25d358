import { type Command, Option } from 'commander'
import { loadEngine } from '../../model/engine/engines.ts'
import type { LabelValues } from '../imaging/read-label-map.ts'
import { openOrCreateProject, openProject, type Project } from '../services/project.ts'
import type { TrainingOutcome } from '../services/training-record.ts'
import { STARTING_NETWORK } from '../services/starting-network.ts'
import { resumeExperiment, trainExperiment } from '../services/training.ts'
import { obtainWeights } from '../services/weights-download.ts'
import { weightsCacheFolder } from '../services/user-folders.ts'
import { SegscopeError } from '../../model/errors.ts'
import { decoders } from '../../model/network/unet.ts'
import { type CommandContext, type CommonOptions, runCommand } from '../terminal/run-command.ts'
import { engineOption, withChosenEngine } from './chosen-engine.ts'
import { nameList, positiveInteger, positiveNumber, seedNumber } from './option-values.ts'
import { scoresByName, TrainingReport } from './training-report.ts'

interface TrainOptions extends CommonOptions {
  images?: string
  labels?: string
  labelSuffix?: string
  labelValues?: LabelValues
  classNames?: string[]
  project: string
  minutes?: number
  steps?: number
  seed: number
  weights?: string
  fromScratch?: true
  freezeEncoder?: true
  decoder?: string
  engine?: string
  resume?: string
}

/** Adds `segscope train`. */
export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('train a network on labelled images, and keep it as an experiment of a project')
    .option('--images <folder>', 'the images (TIFF, PNG, JPEG), sub-folders included')
    .option('--labels <folder>', 'their label maps or shapes, named like the images (docs/formats.md)')
    .option('--label-suffix <text>', "what stands between an image's name and its label map's extension")
    .addOption(
      new Option(
        '--label-values <meaning>',
        'what the values of label maps mean; guessed where it is clear',
      ).choices(['classes', 'binary', 'zero-unlabelled']),
    )
    .option('--class-names <names>', 'names of the classes by value, separated by commas', nameList)
    .requiredOption('--project <folder>', 'the project; made where there is none')
    .addOption(
      new Option('--minutes <number>', 'how long to train, about')
        .argParser(positiveNumber)
        .conflicts('steps'),
    )
    .option('--steps <number>', 'how many steps to train', positiveInteger)
    .option('--seed <number>', 'where all chance comes from', seedNumber, 0)
    .option(
      '--weights <file or address>',
      "start from these: Keras's MobileNetV2 (HDF5) or a checkpoint (otherwise from the network that comes with Segscope)",
    )
    .addOption(
      new Option('--from-scratch', 'start from nothing: from weights drawn by chance').conflicts('weights'),
    )
    .option('--freeze-encoder', "leave the encoder's weights as they are")
    .addOption(
      new Option(
        '--decoder <name>',
        'all channels, or a quarter of them, which trains and predicts quicker (otherwise what the time is enough for)',
      ).choices(decoders.map(({ name }) => name)),
    )
    .addOption(engineOption())
    .addOption(
      new Option('--resume <experiment>', 'go on with a run that was stopped').conflicts([
        'images',
        'labels',
        'minutes',
        'steps',
        'weights',
        'fromScratch',
        'decoder',
        'engine',
      ]),
    )
    .action(runCommand(trainCommand))
}

async function trainCommand(options: TrainOptions, context: CommandContext): Promise<void> {
  const { reporter, signal } = context
  const report = new TrainingReport(reporter)
  const tell = report.tell.bind(report)
  const project =
    options.resume === undefined
      ? await openOrCreateProject(options.project, { door: 'command line' })
      : await openProject(options.project, { door: 'command line' })
  try {
    if (project.withoutLogBecause !== undefined) reporter.warn(project.withoutLogBecause)
    const outcome =
      options.resume === undefined
        ? await trainExperiment(project, { ...options, ...(await requestOf(options, context)), signal }, tell)
        : await resumeExperiment(project, options.resume, tell, signal)
    reportOutcome(project, outcome, report, context)
  } finally {
    project.close()
  }
}

/** The parts of a training request that need more than taking over. */
async function requestOf(options: TrainOptions, { reporter, signal }: CommandContext) {
  const { images, labels } = options
  if (images === undefined || labels === undefined) {
    throw new SegscopeError('option-missing', 'A new training needs --images and --labels.', {
      remedy: 'Name both folders, or an experiment to go on with: --resume.',
    })
  }
  return {
    imagesFolder: images,
    labelsFolder: labels,
    engine: await withChosenEngine(options.engine, 'training', reporter, async (engine) => {
      await loadEngine(engine)
      return engine
    }),
    freezeEncoder: options.freezeEncoder === true,
    weights: options.fromScratch ? undefined : await weightsOf(options, reporter, signal),
  }
}

/** The file to start from, after downloading it where it is an address; or what stands for Segscope's own. */
async function weightsOf(
  { weights }: TrainOptions,
  reporter: CommandContext['reporter'],
  signal: AbortSignal,
): Promise<string> {
  if (weights === undefined) return STARTING_NETWORK
  return await obtainWeights(weights, {
    cacheFolder: weightsCacheFolder(),
    signal,
    onProgress: ({ receivedBytes, totalBytes }) => {
      if (totalBytes !== undefined) reporter.progress(receivedBytes / totalBytes, 'downloading weights')
    },
  })
}

function reportOutcome(
  project: Project,
  outcome: TrainingOutcome,
  report: TrainingReport,
  { reporter }: CommandContext,
): void {
  const { experiment, checkpoint, scores, reason, step } = outcome
  const { plan } = project.experiments.get(experiment)
  const ended = {
    'all steps done': `Trained ${step} steps.`,
    'no longer improving': `Stopped after ${step} steps, as the network no longer got better.`,
    stopped: `Stopped at step ${step}; go on with: segscope train --project ${project.folder} --resume ${experiment}`,
  }[reason]
  const where = outcome.scoredOnTraining
    ? 'on the images it was trained on, which flatters'
    : 'on images held out'
  reporter.result(
    {
      experiment,
      checkpoint,
      reason,
      step,
      ...(scores === undefined
        ? {}
        : {
            dice: scoresByName(scores.dice, plan.classNames),
            iou: scoresByName(scores.iou, plan.classNames),
          }),
    },
    [
      ended,
      ...(scores === undefined ? [] : [`Dice ${where}: ${report.describeDice(scores)}.`]),
      `Checkpoint ${checkpoint}: ${project.checkpoints.find(checkpoint)?.file ?? ''}`,
      `Segment a folder with it: segscope segment --images FOLDER --project ${project.folder} --checkpoint ${checkpoint} --out FOLDER`,
    ].join('\n'),
  )
}
