import { Option } from 'commander'

/** Which checkpoint, as `findCheckpointFile` takes it; it must be named. */
export function checkpointOption(): Option {
  return new Option(
    '--checkpoint <id or file>',
    'a checkpoint, an experiment, whose best one is taken, or starting-network: Segscope’s own, which knows nuclei and cells',
  ).makeOptionMandatory()
}
