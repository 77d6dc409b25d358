import { open, readdir, readFile, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { outputError } from '../imaging/write-errors.ts'

/** What tells one version of a file from another without reading it. */
const fileState = z.object({ bytes: z.number(), modified: z.number() })
export type FileState = z.infer<typeof fileState>

const entry = z.discriminatedUnion('kind', [
  /** Results are about to be put in place: whatever stands there is ours, even if nothing follows. */
  z.object({ kind: z.literal('begun'), outputs: z.array(z.string()) }),
  z.object({
    kind: z.literal('done'),
    image: fileState,
    /** Everything that the result depends on besides the image. */
    recipe: z.string(),
    outputs: z.array(fileState.extend({ file: z.string() })),
  }),
])
type Entry = z.infer<typeof entry>

/** How a file in the output folder came to be there. */
export type Origin =
  /** A run left it there, and it is unchanged. */
  | { kind: 'ours'; image: FileState; recipe: string }
  /** A run was interrupted while it put the file in place. */
  | { kind: 'interrupted' }
  | { kind: 'foreign' }

/**
 * What runs have written into an output folder: `segscope-run.jsonl`, a line an event, appended only. A line cut
 * by a crash is no loss but that of its own news.
 */
export class SegmentationLedger {
  private readonly path: string
  private readonly folder: string
  private readonly handle: FileHandle
  /** The latest news of each output. */
  private readonly news = new Map<string, Entry>()

  private constructor(path: string, folder: string, handle: FileHandle) {
    this.path = path
    this.folder = folder
    this.handle = handle
  }

  /** @throws SegscopeError as `outputError` says */
  static async open(folder: string): Promise<SegmentationLedger> {
    const path = join(folder, 'segscope-run.jsonl')
    try {
      const handle = await open(path, 'a')
      const text = await readFile(path, 'utf8')
      if (text !== '' && !text.endsWith('\n')) await handle.appendFile('\n')
      const ledger = new SegmentationLedger(path, folder, handle)
      for (const line of text.split('\n')) {
        const read = entry.safeParse(parse(line))
        if (read.success) ledger.remember(read.data)
      }
      return ledger
    } catch (error) {
      throw outputError(path, error)
    }
  }

  /** Whose the output is, named relative to the folder; undefined where there is none. */
  async originOf(output: string): Promise<Origin | undefined> {
    const state = await fileStateOf(join(this.folder, output))
    if (state === undefined) return undefined
    const latest = this.news.get(output)
    if (latest === undefined) return { kind: 'foreign' }
    if (latest.kind === 'begun') return { kind: 'interrupted' }
    const written = latest.outputs.find(({ file }) => file === output)
    const isUnchanged = written?.bytes === state.bytes && written.modified === state.modified
    return isUnchanged ? { kind: 'ours', image: latest.image, recipe: latest.recipe } : { kind: 'foreign' }
  }

  /** To be called, and awaited, before the first of an image's results is put in place. */
  async begin(outputs: string[]): Promise<void> {
    await this.append({ kind: 'begun', outputs })
  }

  /** To be called when all results of an image are in place. */
  async complete(image: FileState, recipe: string, outputs: readonly string[]): Promise<void> {
    const states = []
    for (const file of outputs) {
      const state = await fileStateOf(join(this.folder, file))
      if (state !== undefined) states.push({ file, ...state })
    }
    await this.append({ kind: 'done', image, recipe, outputs: states })
  }

  async close(): Promise<void> {
    await this.handle.close()
  }

  private async append(news: Entry): Promise<void> {
    try {
      await this.handle.appendFile(`${JSON.stringify(news)}\n`)
      // What has begun must be known before its results are seen. That it is done may be lost: it is done again then.
      if (news.kind === 'begun') await this.handle.datasync()
    } catch (error) {
      throw outputError(this.path, error)
    }
    this.remember(news)
  }

  private remember(news: Entry): void {
    for (const output of news.outputs) this.news.set(typeof output === 'string' ? output : output.file, news)
  }
}

/** Size and time of the last change, of a folder those of all files in it; undefined where there is neither. */
export async function fileStateOf(path: string): Promise<FileState | undefined> {
  const state = await stat(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (state?.isDirectory() !== true) return state && { bytes: state.size, modified: state.mtimeMs }
  const whole = { bytes: 0, modified: 0 }
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const { size, mtimeMs } = await stat(join(entry.parentPath, entry.name))
    whole.bytes += size
    whole.modified = Math.max(whole.modified, mtimeMs)
  }
  return whole
}

/** A line of the ledger; undefined where it is cut or empty. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
