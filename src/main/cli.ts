import { Command, CommanderError } from 'commander'
import { addCheckpointsCommand } from './commands/checkpoints.ts'
import { addDemoCommand } from './commands/demo.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addEvaluateCommand } from './commands/evaluate.ts'
import { addExportCommand } from './commands/export.ts'
import { addRuntimeCommand } from './commands/runtime.ts'
import { addSegmentCommand } from './commands/segment.ts'
import { addServeCommand } from './commands/serve.ts'
import { addStartCommand } from './commands/start.ts'
import { addTrainCommand } from './commands/train.ts'
import { exitStatus } from './terminal/exit-status.ts'
import { segscopeVersion } from './version.ts'

const program = new Command('segscope')
  .description('Train a segmentation network on labelled microscopy images, and segment folders with it.')
  .version(segscopeVersion, '--version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .helpCommand(false)
  .showHelpAfterError('Run the command with --help to see how it is used.')
  .addHelpText(
    'after',
    '\nEvery command has --help. Exit status: 0 done, 1 failed, 2 wrong usage, 3 some files failed, 130 stopped by Ctrl+C.',
  )
  .exitOverride()

addDemoCommand(program)
addTrainCommand(program)
addSegmentCommand(program)
addEvaluateCommand(program)
addCheckpointsCommand(program)
addExportCommand(program)
addDoctorCommand(program)
addRuntimeCommand(program)
addServeCommand(program)
addStartCommand(program)

for (const command of program.commands.flatMap((command) => [command, ...command.commands])) {
  // A command that only gathers others does nothing itself.
  if (command.commands.length > 0) continue
  command
    .option('--json', 'write one JSON object a line')
    .option('--debug', "print an error's stack and causes")
}

// A reader that has seen enough (`segscope ... | head`) closes the pipe: that ends the work, and is no defect.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(exitStatus.done)
})

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? exitStatus.done : exitStatus.usage
}
