import { resolve } from 'node:path'
import type { Command } from 'commander'
import { SegscopeError } from '../../model/errors.ts'
import { type LabelFormat, labelFormatSchema } from '../../preload/contract/label-formats.ts'
import { listImages } from '../imaging/list-images.ts'
import { segmentWithCheckpoint } from '../services/segment-with-checkpoint.ts'
import type { SegmentationEvent } from '../services/segmentation-events.ts'
import { hasExtras, writeExtras } from '../services/segmentation-extras.ts'
import { type CommandContext, type CommonOptions, runCommand } from '../terminal/run-command.ts'
import { checkpointOption } from './checkpoint-option.ts'
import { engineOption, withChosenEngine } from './chosen-engine.ts'
import { DEFAULT_WAIST_PERCENT, formatList, splittingList } from './option-values.ts'
import { readNamedCheckpoint } from './project-checkpoint.ts'
import { waistsByClass } from './waists-by-class.ts'

interface SegmentOptions extends CommonOptions {
  images: string
  checkpoint: string
  project?: string
  out: string
  probabilities?: true
  flips?: true
  overwrite?: true
  overlays?: true
  measurements?: true
  write?: LabelFormat[]
  split?: ReadonlyMap<string, number>
  engine?: string
}

/** Adds `segscope segment`. */
export function addSegmentCommand(program: Command): void {
  program
    .command('segment')
    .description('segment the images of a folder; a run that was stopped goes on where it was')
    .requiredOption('--images <folder>', 'the images, sub-folders included')
    .addOption(checkpointOption())
    .option('--project <folder>', 'the project of the checkpoint, where it is named by its id')
    .requiredOption('--out <folder>', 'where the label maps go: NAME.tif for each image, sub-folders kept')
    .option('--probabilities', 'write NAME_probabilities.tif too, one channel a class')
    .option('--overlays', 'draw overlays/NAME.png too, the results over their images')
    .option('--measurements', 'write measurements.csv too, a row an object')
    .option(
      '--write <formats>',
      'write the label maps for other programs too, into a folder a format: ' +
        `${labelFormatSchema.options.join(', ')}; several are separated by commas`,
      formatList,
    )
    .option(
      '--split <classes>',
      'measure and outline touching objects of these classes one by one: "nucleus", or "nucleus=60,cell" to cut only where a waist is ' +
        `narrower than 60 % of the width (${DEFAULT_WAIST_PERCENT} unless said otherwise)`,
      splittingList,
    )
    .option('--flips', 'average over the mirror images too: four times the work, a little better')
    .option('--overwrite', 'replace files in the output folder that Segscope did not make')
    .addOption(engineOption())
    .action(runCommand(segmentCommand))
}

async function segmentCommand(options: SegmentOptions, { reporter, signal }: CommandContext): Promise<void> {
  const checkpoint = await readNamedCheckpoint(options.checkpoint, options.project)
  const classNames = checkpoint.classes.map(({ name }) => name)
  const splitting = waistsByClass(options.split, classNames)
  const imagesFolder = resolve(options.images)
  const outFolder = resolve(options.out)
  const images = await listImages(imagesFolder)
  if (images.length === 0) {
    throw new SegscopeError('no-images', `${options.images} holds no image.`, {
      file: options.images,
      remedy: 'Name a folder with TIFF, PNG or JPEG files.',
    })
  }
  const request = {
    images,
    imagesFolder,
    outFolder,
    checkpoint,
    classes: checkpoint.classes,
    probabilities: options.probabilities === true,
    flips: options.flips === true,
    overwrite: options.overwrite === true,
    signal,
    onEvent: (event: SegmentationEvent) => {
      if (event.kind === 'progress') reporter.progress(event.fraction, 'segmenting', event.remainingSeconds)
      else if (event.kind === 'failed') reporter.failed(event.file, event.error)
      else if (event.kind === 'renamed')
        reporter.info(`${event.file} becomes ${event.output}: its name is taken.`)
    },
  }
  const summary = await withChosenEngine(options.engine, 'prediction', reporter, (engine) =>
    segmentWithCheckpoint({ ...request, engine }),
  )
  const { done, skipped, failed, seconds, shareInNetwork } = summary
  const extras = {
    overlays: options.overlays === true,
    measurements: options.measurements === true,
    formats: options.write ?? [],
  }
  if (hasExtras(extras)) {
    await writeExtras(
      {
        images,
        imagesFolder,
        outFolder,
        classes: checkpoint.classes,
        splitting,
        probabilities: options.probabilities === true,
        ...extras,
        overwrite: options.overwrite === true,
      },
      {
        onProgress: (fraction) => reporter.progress(fraction, 'measuring and writing'),
        onFailed: (failure) => {
          failed.push(failure)
          reporter.failed(failure.file, failure.error)
        },
      },
      signal,
    )
  }
  reporter.result(
    {
      done,
      skipped,
      failed: failed.length,
      seconds,
      imagesPerSecond: done / seconds,
      shareInNetwork,
      out: outFolder,
    },
    [
      `${done} images segmented in ${seconds.toFixed(1)} s${skipped === 0 ? '' : `, ${skipped} were done before`}${failed.length === 0 ? '' : `, ${failed.length} failed`}.`,
      `Label maps are in ${outFolder}; their values are ${classNames.map((name, value) => `${value} ${name}`).join(', ')}.`,
    ].join('\n'),
  )
}
