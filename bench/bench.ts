/**
 * How fast the network and the application run here: `npm run bench -- [--json] [--torch PYTHON]`. With a Python that has PyTorch the same
 * network runs there too, in turn with ours.
 */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build, needsBuild } from '../src/main/commands/build-when-needed.ts'
import type { SegmentationSummary } from '../src/main/services/segmentation-events.ts'
import { type Figure, measureApplication } from './application-speed.ts'
import { folderImages, folderImageSide, measureFolder } from './folder-speed.ts'
import { measureNetwork, type NetworkSpeed } from './network-speed.ts'
import { type Measurement, measurements } from './workload.ts'

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, torch: { type: 'string' } },
})
const threads = availableParallelism()
const network = await measureNetwork(threads, options.torch)
const folder = await measureFolder(threads)
const repository = resolve(import.meta.dirname, '..')
if (needsBuild(repository)) await build(repository, AbortSignal.timeout(600_000))
const application = await measureApplication()
/** Of this process; PyTorch's is not in it. Node counts in KiB. */
const peakMegabytes = (process.resourceUsage().maxRSS * 1024) / 1e6

if (options.json) console.log(JSON.stringify(asObject(network, folder, application)))
else console.log(asTable(network, folder, application))

function asObject(
  { ours, tensorflow, torch }: NetworkSpeed,
  { done, seconds, shareInNetwork }: SegmentationSummary,
  application: readonly Figure[],
) {
  return {
    forward_ms: ours.forward,
    training_step_ms: ours.step,
    training_step_frozen_ms: ours.step_frozen,
    tensorflow_forward_ms: tensorflow?.forward ?? null,
    tensorflow_training_step_ms: tensorflow?.step ?? null,
    tensorflow_training_step_frozen_ms: tensorflow?.step_frozen ?? null,
    torch_forward_ms: torch?.forward ?? null,
    torch_training_step_ms: torch?.step ?? null,
    torch_training_step_frozen_ms: torch?.step_frozen ?? null,
    segment_images_per_second: done / seconds,
    share_in_network: shareInNetwork,
    peak_memory_mb: peakMegabytes,
    ...Object.fromEntries(application.map(({ key, value }) => [key, value ?? null])),
  }
}

function asTable(
  { ours, tensorflow, torch, torchVersion }: NetworkSpeed,
  { done, seconds, shareInNetwork }: SegmentationSummary,
  application: readonly Figure[],
): string {
  const names: Record<Measurement, string> = {
    forward: 'forward',
    step: 'training step',
    step_frozen: 'training step, encoder frozen',
  }
  const rows = measurements.map((what) => {
    const theirs = torch?.[what]
    const ratio = (value: number): string[] => (theirs === undefined ? [] : [(value / theirs).toFixed(2)])
    return [
      names[what],
      ...(theirs === undefined ? [] : [milliseconds(theirs)]),
      milliseconds(ours[what]),
      ...ratio(ours[what]),
      ...(tensorflow === undefined ? [] : [milliseconds(tensorflow[what]), ...ratio(tensorflow[what])]),
    ]
  })
  const ratio = torchVersion === undefined ? [] : ['ratio']
  const head = [
    '',
    ...(torchVersion === undefined ? [] : [`PyTorch ${torchVersion}`]),
    'ONNX Runtime',
    ...ratio,
    ...(tensorflow === undefined ? [] : ['TensorFlow', ...ratio]),
  ]
  return [
    `The network on 8 patches of 128 x 128, ${threads} threads, lower quartiles:`,
    alignColumns([head, ...rows]),
    '',
    `A folder of ${folderImages} images of ${folderImageSide} x ${folderImageSide}, 16 bits, into label maps:`,
    alignColumns([
      ['images a second', (done / seconds).toFixed(2)],
      ['share of the time inside the network', `${(shareInNetwork * 100).toFixed(1)} %`],
    ]),
    '',
    `Peak memory over all of this: ${peakMegabytes.toFixed(0)} MB`,
    '',
    'The application in a headless browser, software graphics:',
    alignColumns(
      application.map(({ name, value, unit }) => [
        name,
        value === undefined ? 'not known on this system' : `${Number(value.toFixed(1))} ${unit}`.trim(),
      ]),
    ),
  ].join('\n')
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`
}

/** The first column to the left, the others to the right. */
function alignColumns(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number),
        )
        .join('  '),
    )
    .join('\n')
}
