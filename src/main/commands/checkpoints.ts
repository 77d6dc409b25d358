import type { Command } from 'commander'
import { openProjectReadOnly } from '../services/project.ts'
import { type CommandContext, type CommonOptions, runCommand } from '../terminal/run-command.ts'
import { describeScores, scoresByName } from './training-report.ts'

/** Adds `segscope checkpoints`. */
export function addCheckpointsCommand(program: Command): void {
  program
    .command('checkpoints')
    .description("list a project's experiments and checkpoints")
    .requiredOption('--project <folder>', 'the project')
    .action(runCommand(checkpointsCommand))
}

async function checkpointsCommand(
  options: CommonOptions & { project: string },
  { reporter }: CommandContext,
): Promise<void> {
  const project = await openProjectReadOnly(options.project, { door: 'command line' })
  try {
    const checkpoints = project.checkpoints.all()
    const experiments = project.experiments.list().map(({ id, status, created, failure }) => {
      const { classNames } = project.experiments.get(id).plan
      const own = checkpoints.filter(({ experiment }) => experiment === id)
      return { id, status, created, failure, classNames, checkpoints: own }
    })
    const lines = experiments.flatMap((experiment) => [
      `${experiment.id}  ${experiment.status}${experiment.failure === undefined ? '' : `: ${experiment.failure}`}`,
      ...experiment.checkpoints.map(
        ({ id, step, bytes, scores }) =>
          `  ${id}  step ${step}, ${Math.round(bytes / 1e6)} MB${scores === undefined ? '' : `, Dice ${describeScores(scores.dice, experiment.classNames)}`}`,
      ),
    ])
    reporter.result(
      {
        experiments: experiments.map(({ classNames, checkpoints: own, ...experiment }) => ({
          ...experiment,
          checkpoints: own.map(({ id, kind, file, step, bytes, scores }) => ({
            id,
            kind,
            file,
            step,
            bytes,
            ...(scores === undefined ? {} : { dice: scoresByName(scores.dice, classNames) }),
          })),
        })),
      },
      lines.length === 0 ? 'The project has no experiments yet.' : lines.join('\n'),
    )
  } finally {
    project.close()
  }
}
