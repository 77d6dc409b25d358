import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { createPredictorThread } from '../../model/engine/predictor-thread.ts'
import { compareObjects, ObjectTally } from '../../model/prediction/object-agreement.ts'
import type { Checkpoint } from '../../model/weights/checkpoint.ts'
import { SegscopeError } from '../../model/errors.ts'
import { splitAddress } from '../../preload/contract/image-address.ts'
import { guessLabelValues } from '../imaging/guess-label-values.ts'
import { listImages } from '../imaging/list-images.ts'
import { type LabelledImage, pairImagesWithLabels } from '../imaging/pair-labels.ts'
import { type LabelValues, readLabelMap } from '../imaging/read-label-map.ts'
import { readObjectNumbers } from '../imaging/read-object-numbers.ts'
import { convertLabels } from '../services/convert-labels.ts'
import { pairPages } from '../services/pair-pages.ts'
import { scoreImages } from '../services/score-images.ts'
import { type CommandContext, type CommonOptions, runCommand } from '../terminal/run-command.ts'
import { checkpointOption } from './checkpoint-option.ts'
import { engineOption, withChosenEngine } from './chosen-engine.ts'
import { DEFAULT_WAIST_PERCENT, splittingList } from './option-values.ts'
import { readNamedCheckpoint } from './project-checkpoint.ts'
import { describeScores, scoresByName } from './training-report.ts'
import { waistsByClass } from './waists-by-class.ts'

interface EvaluateOptions extends CommonOptions {
  images: string
  labels: string
  labelSuffix?: string
  labelValues?: LabelValues | undefined
  checkpoint: string
  project?: string
  split?: ReadonlyMap<string, number>
  flips?: true
  engine?: string
}

/** Adds `segscope evaluate`. */
export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description(
      'compare the predictions of a checkpoint with labels: Dice and IoU by class, over all labelled pixels; and F1 of objects',
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
    .addOption(checkpointOption())
    .option('--project <folder>', 'the project of the checkpoint, where it is named by its id')
    .option(
      '--split <classes>',
      `tell touching objects of these classes apart, as in segment: "nucleus", or "nucleus=60,cell" (${DEFAULT_WAIST_PERCENT} unless said otherwise)`,
      splittingList,
    )
    .option('--flips', 'average over the mirror images too: four times the work, a little better')
    .addOption(engineOption())
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
    const { pairs: whole, labelValues } = await convertLabels(found, convertedFolder, classNames, signal)
    const pairs = await pairPages(whole, signal)
    const originals = new Map((await pairPages(found, signal)).map(({ image, label }) => [image, label]))
    await evaluate(
      { ...options, labelValues: options.labelValues ?? labelValues },
      { header, network, weights },
      { pairs, originals },
      context,
    )
  } finally {
    await rm(convertedFolder, { recursive: true, force: true })
  }
}

interface EvaluatedLabels {
  /** Label maps, made from other kinds of labels where need was. */
  pairs: readonly LabelledImage[]
  /** By image, as they were found. */
  originals: ReadonlyMap<string, string | undefined>
}

async function evaluate(
  options: EvaluateOptions,
  { header, network, weights }: Checkpoint,
  { pairs: found, originals }: EvaluatedLabels,
  { reporter, signal }: CommandContext,
): Promise<void> {
  const pairs = found.flatMap(({ image, label }) =>
    label === undefined ? [] : [{ path: image, labelPath: label }],
  )
  const labelMaps = new Map(pairs.map(({ path, labelPath }) => [path, labelPath]))
  const labelValues =
    options.labelValues ??
    (await guess(
      pairs.map(({ labelPath }) => labelPath),
      reporter,
    ))
  const { classNames } = header.plan
  const splitting = waistsByClass(options.split, classNames)
  const objects = new ObjectTally(network.classes)
  const predictor = await withChosenEngine(options.engine, 'prediction', reporter, (engine) =>
    createPredictorThread(engine, network, weights, { output: 'probabilities' }),
  )
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
        onPrediction: async ({ path, info }, labels, predicted) => {
          // Of pages whose labels were taken from one file of shapes, the label maps made of it.
          const label = originals.get(path) ?? labelMaps.get(path) ?? path
          const isPage = splitAddress(label).selection.page !== undefined
          const place = { path: label, image: { ...info, path, ...(isPage && { pages: 1 }) } }
          const numbered = await readObjectNumbers(place, 0, labelValues)
          const counts = compareObjects(labels, predicted, { classes: network.classes, splitting, numbered })
          objects.add(counts, numbered !== undefined)
        },
        onFailure: (path, error) => {
          reporter.failed(path, error)
        },
      },
    )
    if (reporter.failedFiles === pairs.length) {
      throw new SegscopeError('nothing-evaluated', 'None of the images could be evaluated.')
    }
    const f1 = objects.f1()
    const images = pairs.length - reporter.failedFiles
    const byClass = <Value>(values: readonly Value[]): Record<string, Value> =>
      Object.fromEntries(values.slice(1).map((value, index) => [classNames[index + 1] as string, value]))
    reporter.result(
      {
        dice: scoresByName(scores.dice, classNames),
        iou: scoresByName(scores.iou, classNames),
        images,
        objectF1: byClass(f1.map((value) => (Number.isNaN(value) ? null : value))),
        objects: byClass(objects.counts),
        objectImages: objects.images,
        numberedImages: objects.numbered,
      },
      [
        `Dice over ${images} images: ${describeScores(scores.dice, classNames)}`,
        `F1 of objects at IoU 0.5 over ${objects.images} images that are labelled all over, ${objects.numbered} of them with numbered objects: ${describeScores(f1.slice(1), classNames.slice(1))}`,
      ].join('\n'),
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
