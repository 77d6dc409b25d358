import { resolve } from 'node:path'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import { UNLABELLED } from '../../model/images/label-map.ts'
import type { Problem } from '../../preload/contract/base.ts'
import type { ImportPreview, Plane } from '../../preload/contract/labels.ts'
import type { ImageWorkers } from '../compute/image-workers.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import { interpretValues, spreadFiles } from '../imaging/guess-label-values.ts'
import { listLabels } from '../imaging/label-readers/list-labels.ts'
import type { LabelPlace } from '../imaging/label-readers/open-fitting-labels.ts'
import { pairsByContent } from '../imaging/label-readers/pairs-by-content.ts'
import { isIlastikProject } from '../imaging/label-readers/ilastik-project.ts'
import { isShapeFile } from '../imaging/label-readers/open-labels.ts'
import { openImage } from '../imaging/open-image.ts'
import { labelOf, type LabelValues, refuseLossy } from '../imaging/read-label-map.ts'
import type { LabelReading } from '../imaging/read-label-tiles.ts'
import { Throttle } from '../terminal/throttle.ts'
import { toProblem } from '../to-problem.ts'
import { inOrder } from './in-order.ts'
import type { LabelStore } from './label-store.ts'
import { type LabelPair, pairLabelFiles } from './pair-label-files.ts'
import { replaceLabels } from './replace-labels.ts'
import { type Progress, progressOf } from './progress.ts'
import type { Project } from './project.ts'

/** Headers that are read at once. */
const FILES_AT_ONCE = 3
/** What the contract lets a person give classes to; a project has fewer. */
const MOST_VALUES = 255
const PROGRESS_MILLISECONDS = 100

export interface LabelImportRequest {
  folder: string
  /** Undefined: guessed. */
  suffix?: string | undefined
  /** Undefined: guessed. */
  values?: LabelValues | undefined
}

type Mapping = ImportPreview['mapping']

export interface LabelImport extends LabelImportRequest {
  /** For these stored values instead of what `values` says. */
  mapping: Mapping
  /** Whether images that have labels lose them to the files'; else they are left as they are. */
  replace: boolean
}

export interface ImportedLabels {
  kind: 'done'
  imported: number
  /** Images whose labels were kept. */
  kept: number
  failed: { file: string; problem: Problem }[]
}

type Pair = LabelPair<ImageRecord>

/**
 * What importing the label files of a folder would do: which files belong to which images, whether they fit, and what
 * their values stand for, of which up to 64 files are read.
 * @throws SegscopeError `folder-unreadable`, `labels-not-found`; CancelledError
 */
export async function previewImport(
  project: Project,
  request: LabelImportRequest,
  workers: ImageWorkers,
  signal?: AbortSignal,
): Promise<ImportPreview> {
  const { suffix, pairs } = await findPairs(project, request, workers, signal)
  const { names, unreadable } = await findNames(pairs, workers, signal)
  const check = (pair: Pair): Promise<Pair> => checkPair(pair, names, workers, signal)
  const checked: Pair[] = []
  for await (const pair of inOrder(withProblems(pairs, unreadable), FILES_AT_ONCE, check, signal))
    checked.push(pair)
  const { counts, failures } = await countValues(checked, names, workers, signal)
  const { values, ambiguity } = understand(counts, request.values ?? valuesOf(pairs))
  const labelled = project.labels.labelledPixels()
  return {
    pairs: checked.map(({ image, label, problem }) => {
      const why = problem ?? failures.get(label)
      return {
        image: image.id,
        label,
        replaces: labelled.has(image.id),
        ...(why !== undefined && { problem: toProblem(why) }),
      }
    }),
    unpaired: project.images.count() - pairs.length,
    suffix,
    ...(values !== undefined && { values }),
    ...(ambiguity !== undefined && { ambiguity }),
    mapping: proposeMapping(counts, values ?? 'classes', names, project.information.classes()),
  }
}

/**
 * Imports the label files of a folder. Each plane's labels become those of its file by one stroke, which can be taken
 * back. Files that fail are named, and the others imported; what is imported by the time of a cancelling stays.
 * @param onImported is told the planes of an image once they are saved
 * @throws SegscopeError `label-class-unknown`, `label-values-ambiguous`; as `previewImport`
 */
export async function* importLabels(
  project: Project,
  labels: LabelStore,
  request: LabelImport,
  workers: ImageWorkers,
  onImported: (planes: (Plane & { revision: number })[]) => void,
  signal?: AbortSignal,
): AsyncGenerator<Progress | ImportedLabels> {
  const found = (await findPairs(project, request, workers, signal)).pairs
  const { names, unreadable } = await findNames(found, workers, signal)
  const pairs = withProblems(found, unreadable)
  const reading = await chooseReading(project, request, pairs, names, workers, signal)
  const labelled = project.labels.labelledPixels()
  const done: ImportedLabels = { kind: 'done', imported: 0, kept: 0, failed: [] }
  const progress = new Throttle(PROGRESS_MILLISECONDS)
  for (const [index, pair] of pairs.entries()) {
    if (signal?.aborted) throw new CancelledError()
    if (labelled.has(pair.image.id) && !request.replace) {
      done.kept++
    } else {
      try {
        onImported(await importPair(labels, pair, reading, names, workers, signal))
        done.imported++
      } catch (thrown) {
        if (signal?.aborted) throw thrown
        done.failed.push({ file: pair.label, problem: toProblem(thrown) })
      }
    }
    const isLast = index === pairs.length - 1
    if (progress.passes(isLast)) yield progressOf(index + 1, pairs.length, 'label files')
  }
  yield done
}

async function findPairs(
  project: Project,
  { folder, suffix }: LabelImportRequest,
  workers: ImageWorkers,
  signal: AbortSignal | undefined,
): Promise<{ suffix: string; pairs: Pair[] }> {
  const labelsFolder = resolve(folder)
  const images = project.images.all()
  const files = await listLabels(labelsFolder)
  const byContent = await pairsByContent(
    files,
    images.map(({ path }) => path),
    (path, named) =>
      workers.run('find named images', { path, images: named }, { urgency: 'background', signal }),
  )
  if (byContent.size === 0) return pairLabelFiles(images, files, labelsFolder, suffix)
  const pairs = images.flatMap((image) => {
    const label = byContent.get(image.path)
    return label === undefined ? [] : [{ image, label, problem: undefined }]
  })
  return { suffix: '', pairs }
}

/** The classes that shapes in the files are of, and the files that cannot be read. Files without shapes have none. */
async function findNames(
  pairs: readonly Pair[],
  workers: ImageWorkers,
  signal: AbortSignal | undefined,
): Promise<{ names: string[]; unreadable: Map<string, SegscopeError> }> {
  const names = new Set<string>()
  const unreadable = new Map<string, SegscopeError>()
  for (const path of new Set(pairs.map(({ label }) => label))) {
    if (!(await isShapeFile(path))) continue
    try {
      for (const name of await workers.run('list label names', { path }, { urgency: 'background', signal }))
        names.add(name)
    } catch (thrown) {
      if (!(thrown instanceof SegscopeError) || thrown instanceof CancelledError) throw thrown
      unreadable.set(path, thrown)
    }
  }
  return { names: [...names], unreadable }
}

function withProblems(pairs: readonly Pair[], problems: ReadonlyMap<string, SegscopeError>): Pair[] {
  return pairs.map((pair) => ({ ...pair, problem: pair.problem ?? problems.get(pair.label) }))
}

function placeOf({ image, label }: Pair, names: readonly string[]): LabelPlace {
  const { path, width, height, pages } = image
  return { path: label, image: { path, width, height, pages }, names }
}

/** The pair, with what the label file's header has against it; of shapes, everything. */
async function checkPair(
  pair: Pair,
  names: readonly string[],
  workers: ImageWorkers,
  signal: AbortSignal | undefined,
): Promise<Pair> {
  if (pair.problem !== undefined) return pair
  try {
    if (await isShapeFile(pair.label)) {
      // Where it can be stopped: these files are read whole.
      await workers.run('count label values', placeOf(pair, names), { urgency: 'background', signal })
      return pair
    }
    const source = await openImage(pair.label)
    await source.close()
    refuseLossy(source)
    const { width, height, pages } = source.info
    const { image } = pair
    if (width !== image.width || height !== image.height || pages !== image.pages) {
      const size = (of: { width: number; height: number; pages: number }) =>
        `${of.width} x ${of.height} pixels${of.pages === 1 ? '' : ` on ${of.pages} pages`}`
      throw new SegscopeError(
        'label-size-differs',
        `The label map has ${size(source.info)}, its image ${size(image)}.`,
        { file: pair.label, remedy: 'Make it from this very image, neither cropped nor scaled.' },
      )
    }
    return pair
  } catch (thrown) {
    if (thrown instanceof SegscopeError && !(thrown instanceof CancelledError))
      return { ...pair, problem: thrown }
    throw thrown
  }
}

/** Pixels by stored value, in up to 64 files that fit; and which of them cannot be read. */
async function countValues(
  pairs: readonly Pair[],
  names: readonly string[],
  workers: ImageWorkers,
  signal: AbortSignal | undefined,
): Promise<{ counts: Map<number, number>; failures: Map<string, SegscopeError> }> {
  const files = spreadFiles(pairs.filter(({ problem }) => problem === undefined))
  const counts = new Map<number, number>()
  const failures = new Map<string, SegscopeError>()
  await Promise.all(
    files.map(async (pair) => {
      try {
        const found = await workers.run('count label values', placeOf(pair, names), {
          urgency: 'background',
          signal,
        })
        for (const [value, pixels] of found) counts.set(value, (counts.get(value) ?? 0) + pixels)
      } catch (thrown) {
        if (!(thrown instanceof SegscopeError) || thrown instanceof CancelledError) throw thrown
        failures.set(pair.label, thrown)
      }
    }),
  )
  return { counts, failures }
}

/** Where the files say what their values stand for: what nobody painted in ilastik is not labelled. */
function valuesOf(pairs: readonly Pair[]): LabelValues | undefined {
  return pairs.length > 0 && pairs.every(({ label }) => isIlastikProject(label))
    ? 'zero-unlabelled'
    : undefined
}

function understand(
  counts: ReadonlyMap<number, number>,
  given: LabelValues | undefined,
): { values: LabelValues | undefined; ambiguity?: string } {
  if (given !== undefined || counts.size === 0) return { values: given }
  try {
    return { values: interpretValues(counts).labelValues }
  } catch (thrown) {
    if (!(thrown instanceof SegscopeError)) throw thrown
    return { values: undefined, ambiguity: thrown.message }
  }
}

/** Named shapes become the project's classes of their names, and new ones where it has none. */
function proposeMapping(
  counts: ReadonlyMap<number, number>,
  values: LabelValues,
  names: readonly string[],
  classes: readonly { value: number; name: string }[],
): Mapping {
  if (counts.size === 0) return []
  if (values === 'binary') return [0, 1].map((value) => ({ stored: value, value }))
  let free = Math.max(0, ...classes.map(({ value }) => value))
  const stored = [...counts.keys()].sort((one, other) => one - other).slice(0, MOST_VALUES)
  return stored.map((value) => {
    const name = names[value - 1]
    const named = classes.find((each) => each.name.toLowerCase() === name?.toLowerCase())
    const label = named?.value ?? (name === undefined ? labelOf(value, values) : ++free)
    return {
      stored: value,
      value: label >= 0 && label < UNLABELLED ? label : null,
      ...(name !== undefined && { name }),
    }
  })
}

async function chooseReading(
  project: Project,
  { values, mapping }: LabelImport,
  pairs: readonly Pair[],
  names: readonly string[],
  workers: ImageWorkers,
  signal: AbortSignal | undefined,
): Promise<LabelReading> {
  const classes = project.information.classes().map(({ value }) => value)
  const unknown = mapping.find(({ value }) => value !== null && !classes.includes(value))
  if (unknown !== undefined) {
    throw new SegscopeError(
      'label-class-unknown',
      `The value ${unknown.stored} shall become class ${unknown.value}, which the project does not have.`,
      { remedy: 'Add the class first, or choose another.' },
    )
  }
  return {
    labelValues: values ?? valuesOf(pairs) ?? (await guessValues(pairs, names, workers, signal)),
    mapping: new Map(mapping.map(({ stored, value }) => [stored, value ?? UNLABELLED])),
    classes,
  }
}

async function guessValues(
  pairs: readonly Pair[],
  names: readonly string[],
  workers: ImageWorkers,
  signal: AbortSignal | undefined,
): Promise<LabelValues> {
  const { values, ambiguity } = understand(
    (await countValues(pairs, names, workers, signal)).counts,
    undefined,
  )
  if (values !== undefined) return values
  throw new SegscopeError('label-values-ambiguous', ambiguity ?? 'None of the label files can be read.', {
    remedy: 'Say what the values stand for.',
  })
}

async function importPair(
  labels: LabelStore,
  found: Pair,
  reading: LabelReading,
  names: readonly string[],
  workers: ImageWorkers,
  signal: AbortSignal | undefined,
): Promise<(Plane & { revision: number })[]> {
  const { image, problem } = await checkPair(found, names, workers, signal)
  if (problem !== undefined) throw problem
  const pages = []
  // All are read before the first is saved: a file that fails changes nothing.
  for (let page = 0; page < image.pages; page++) {
    const input = { ...placeOf(found, names), page, reading }
    pages.push(await workers.run('read label tiles', input, { urgency: 'background', signal }))
  }
  return pages.map((tiles, page) => {
    const plane = { image: image.id, page }
    return { ...plane, revision: replaceLabels(labels, plane, tiles).revision }
  })
}
