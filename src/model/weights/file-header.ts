import { z } from 'zod'
import { SegscopeError } from '../errors.ts'
import type { SafetensorsFile } from './safetensors.ts'

/** What Segscope keeps in a safetensors file, by the name that stands in the file. */
export interface FileFormat<Header> {
  format: 'segscope-checkpoint' | 'segscope-training-state'
  /** Raised when an older Segscope could not read the file any more. */
  formatVersion: number
  /** How messages call such a file. */
  title: string
  schema: z.ZodType<Header>
}

/** The key in safetensors' `__metadata__` under which the header stands, as JSON. */
const KEY = 'segscope'

const marks = z.object({ format: z.string(), formatVersion: z.number() })

/**
 * The `__metadata__` of a file.
 * @throws ZodError where the header could not be read back; that is a defect
 */
export function encodeHeader<Header>(format: FileFormat<Header>, header: Header): Record<string, string> {
  const text = JSON.stringify({ format: format.format, formatVersion: format.formatVersion, ...header })
  format.schema.parse(JSON.parse(text))
  return { [KEY]: text }
}

/**
 * @throws SegscopeError `not-a-checkpoint` (foreign, of the other kind, or damaged), `checkpoint-too-new`
 */
export function decodeHeader<Header>(format: FileFormat<Header>, file: SafetensorsFile): Header {
  const parsed = parseJson(file.metadata[KEY])
  const found = marks.safeParse(parsed)
  if (!found.success) throw foreign(file.path, format.title, 'it was not written by Segscope')
  if (found.data.format !== format.format)
    throw foreign(file.path, format.title, `it is a ${found.data.format}`)
  if (found.data.formatVersion > format.formatVersion) {
    throw new SegscopeError(
      'checkpoint-too-new',
      `${file.path} was written by a newer Segscope: its format is version ${found.data.formatVersion}, this one reads up to ${format.formatVersion}.`,
      { file: file.path, remedy: 'Update Segscope.' },
    )
  }
  const header = format.schema.safeParse(parsed)
  if (!header.success) {
    throw foreign(file.path, format.title, `its header is damaged: ${z.prettifyError(header.error)}`)
  }
  return header.data
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    // Told apart no further: the caller refuses what is not a header.
    return undefined
  }
}

function foreign(path: string, title: string, reason: string): SegscopeError {
  return new SegscopeError('not-a-checkpoint', `${path} is not ${title}: ${reason}.`, {
    file: path,
    remedy: 'Choose a checkpoint from the folder "checkpoints" of a project.',
  })
}
