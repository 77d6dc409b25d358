import type { SegmentationSummary } from '../src/main/services/segmentation-events.ts'
import type { NetworkSpeed } from './network-speed.ts'
import type { PartError } from './parts.ts'
import { type Measurement, measurements } from './workload.ts'

/** One figure of the application. */
export interface Figure {
  /** In JSON. */
  key: string
  /** In words. */
  name: string
  /** undefined: the system does not tell. */
  value: number | 'failed' | undefined
  /** '': a count. */
  unit: 'ms' | 's' | 'MB' | '% of frames' | 'frames a second' | ''
}

/** All that was measured; undefined where it failed. */
export interface BenchResults {
  threads: number
  network: NetworkSpeed
  folder: SegmentationSummary | undefined
  application: readonly Figure[]
  /** Of the process that measures; PyTorch's is not in it. */
  peakMegabytes: number
  errors: readonly PartError[]
}

export const folderImages = 30
export const folderImageSide = 1024

const failed = 'failed'

/** For `--json`: what was not measured is null. */
export function asObject({ network, folder, application, peakMegabytes, errors }: BenchResults) {
  const { ours, tensorflow, torch } = network
  return {
    forward_ms: ours.forward ?? null,
    training_step_ms: ours.step ?? null,
    training_step_frozen_ms: ours.step_frozen ?? null,
    tensorflow_forward_ms: tensorflow?.forward ?? null,
    tensorflow_training_step_ms: tensorflow?.step ?? null,
    tensorflow_training_step_frozen_ms: tensorflow?.step_frozen ?? null,
    torch_forward_ms: torch?.forward ?? null,
    torch_training_step_ms: torch?.step ?? null,
    torch_training_step_frozen_ms: torch?.step_frozen ?? null,
    segment_images_per_second: folder === undefined ? null : folder.done / folder.seconds,
    share_in_network: folder?.shareInNetwork ?? null,
    peak_memory_mb: peakMegabytes,
    ...Object.fromEntries(
      application.map(({ key, value }) => [key, value === failed ? null : (value ?? null)]),
    ),
    errors,
  }
}

/** For people. */
export function asTable({
  threads,
  network,
  folder,
  application,
  peakMegabytes,
  errors,
}: BenchResults): string {
  const failures = errors.map(({ part, reason }) => `  ${part}: ${reason}`)
  return [
    `The network on 8 patches of 128 x 128, ${threads} threads, lower quartiles:`,
    alignColumns(networkRows(network)),
    '',
    `A folder of ${folderImages} images of ${folderImageSide} x ${folderImageSide}, 16 bits, into label maps:`,
    alignColumns([
      ['images a second', folder === undefined ? failed : (folder.done / folder.seconds).toFixed(2)],
      [
        'share of the time inside the network',
        folder === undefined ? failed : `${(folder.shareInNetwork * 100).toFixed(1)} %`,
      ],
    ]),
    '',
    `Peak memory over all of this: ${peakMegabytes.toFixed(0)} MB`,
    '',
    'The application in a headless browser, software graphics:',
    alignColumns(application.map((figure) => [figure.name, describeFigure(figure)])),
    ...(failures.length === 0 ? [] : ['', 'What failed:', ...failures]),
  ].join('\n')
}

function networkRows({ ours, tensorflow, torch, torchVersion }: NetworkSpeed): string[][] {
  const names: Record<Measurement, string> = {
    forward: 'forward',
    step: 'training step',
    step_frozen: 'training step, encoder frozen',
  }
  const rows = measurements.map((what) => {
    const theirs = torch?.[what]
    const ratio = (value: number | undefined): string[] => {
      if (torch === undefined) return []
      return [value === undefined || theirs === undefined ? '' : (value / theirs).toFixed(2)]
    }
    return [
      names[what],
      ...(torch === undefined ? [] : [milliseconds(theirs)]),
      milliseconds(ours[what]),
      ...ratio(ours[what]),
      ...(tensorflow === undefined ? [] : [milliseconds(tensorflow[what]), ...ratio(tensorflow[what])]),
    ]
  })
  const ratio = torch === undefined ? [] : ['ratio']
  const head = [
    '',
    ...(torch === undefined ? [] : [`PyTorch ${torchVersion ?? ''}`.trimEnd()]),
    'ONNX Runtime',
    ...ratio,
    ...(tensorflow === undefined ? [] : ['TensorFlow', ...ratio]),
  ]
  return [head, ...rows]
}

function describeFigure({ value, unit }: Figure): string {
  if (value === undefined) return 'not known on this system'
  return value === failed ? failed : `${Number(value.toFixed(1))} ${unit}`.trim()
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? failed : `${value.toFixed(1)} ms`
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
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
