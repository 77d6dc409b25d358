import { resolve } from 'node:path'
import type { Command } from 'commander'
import { openDemoProject } from '../demo/demo-folder.ts'
import { shortPath } from '../demo/next-steps.ts'
import { type DemoResult, runDemo } from '../demo/run-demo.ts'
import { amount, grade } from '../report/report-words.ts'
import { type CommandContext, type CommonOptions, runCommand } from '../terminal/run-command.ts'
import { formatDuration } from '../terminal/progress-text.ts'
import { scoresByName } from './training-report.ts'

/** On 2 cores enough for a Dice of 0.95; with all else it stays well below 4 minutes. */
const trainingMinutes = 2.4

/** Of colonies, that 2 free cores reach in this time. */
const usualDice = 0.9

interface DemoOptions extends CommonOptions {
  out: string
}

/** Adds `segscope demo`. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('make sample images, train on a few of them, segment them all, and report: about 3 minutes')
    .option('--out <folder>', 'where all of it goes; a demo that is there gets one more run', 'segscope-demo')
    .action(runCommand(demoCommand))
}

async function demoCommand({ out }: DemoOptions, { reporter, signal }: CommandContext): Promise<void> {
  const project = await openDemoProject(resolve(out))
  try {
    if (project.withoutLogBecause !== undefined) reporter.warn(project.withoutLogBecause)
    const result = await runDemo(project, { training: { minutes: trainingMinutes }, signal }, reporter)
    const { outcome, scores, classNames, images, objects, files, seconds } = result
    reporter.result(
      {
        experiment: outcome.experiment,
        checkpoint: outcome.checkpoint,
        steps: outcome.step,
        dice: scoresByName(scores.dice, classNames),
        iou: scoresByName(scores.iou, classNames),
        images: images.segmented,
        comparedImages: images.compared,
        objects,
        ...files,
        seconds,
      },
      describeResult(result),
    )
  } finally {
    project.close()
  }
}

function describeResult(result: DemoResult): string {
  const { classNames, scores, images, objects, files, seconds, outcome } = result
  const total = seconds.reduce((sum, phase) => sum + phase.seconds, 0)
  const width = Math.max(...classNames.map((name) => name.length))
  return [
    '',
    `Done in ${formatDuration(total)}. Open the report: ${shortPath(files.report)}`,
    'Beside it are:',
    `  masks/              ${images.segmented} label maps for ImageJ: ${classNames.map((name, value) => `${value} ${name}`).join(', ')}`,
    '  overlays/           the masks drawn over the images, to look at',
    `  measurements.csv    ${amount(objects)} objects: area in µm², position, shape, brightness`,
    `  learning_curve.csv  the loss of each of the ${outcome.step} training steps, and Dice on the way`,
    '',
    `How good it is, on ${images.compared} images of fields that training never saw (Dice, 1 is perfect):`,
    ...classNames.map((name, value) => {
      const dice = scores.dice[value] ?? NaN
      return `  ${name.padEnd(width)}  ${dice.toFixed(3)}  ${grade(dice)}`
    }),
    ...describeShortTraining(result),
    describeGrowth(result),
    '',
    'What to do next:',
    ...result.nextSteps.flatMap(({ purpose, command }) => [`  ${purpose}:`, `    ${command}`]),
  ].join('\n')
}

/** On a machine that is slow or busy, the demo ends in time all the same, and says what that cost. */
function describeShortTraining({ scores, classNames, outcome }: DemoResult): string[] {
  const dice = scores.dice[classNames.indexOf('colony')] ?? NaN
  if (dice >= usualDice) return []
  return [
    `That is less than usual: in ${trainingMinutes} minutes this machine did only ${outcome.step} training steps. Close other programs and run the demo again.`,
  ]
}

/** What a biologist asks first: how much the colonies grew. */
function describeGrowth({ growth }: DemoResult): string {
  const area = (at: number): string =>
    amount(growth.reduce((sum, { points }) => sum + (points.at(at)?.area ?? 0), 0))
  const hours = growth[0]?.points.at(-1)?.hour ?? 0
  return `The colonies of all ${growth.length} fields cover ${area(0)} µm² at first and ${area(-1)} µm² after ${hours} hours.`
}
