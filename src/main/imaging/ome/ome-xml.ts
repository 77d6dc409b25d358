import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'

/**
 * OME-XML (https://www.openmicroscopy.org/Schemas/OME/2016-06), as far as it says what images there are, how their planes
 * lie and how large a pixel is. Everything else is passed over, and so is what an older schema wrote otherwise.
 */
const sizeSchema = z.coerce
  .number()
  .int()
  .min(1)
  .max(2 ** 31)
const indexSchema = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 31)
const lengthSchema = z.coerce.number().positive().optional().catch(undefined)

const channelSchema = z.object({
  Name: z.string().optional(),
  /** Red, green, blue and alpha in one signed number. */
  Color: z.coerce.number().int().optional().catch(undefined),
  SamplesPerPixel: sizeSchema.optional(),
})

const tiffDataSchema = z.object({
  IFD: indexSchema.optional(),
  FirstZ: indexSchema.default(0),
  FirstC: indexSchema.default(0),
  FirstT: indexSchema.default(0),
  PlaneCount: indexSchema.optional(),
  UUID: z
    .array(z.union([z.string(), z.object({ FileName: z.string().optional() })]))
    .transform(([uuid]) => (typeof uuid === 'object' ? uuid.FileName : undefined))
    .optional(),
})

const pixelsSchema = z.object({
  SizeX: sizeSchema,
  SizeY: sizeSchema,
  SizeZ: sizeSchema,
  SizeC: sizeSchema,
  SizeT: sizeSchema,
  /** 'XYCZT': the innermost axis first. */
  DimensionOrder: z.string().regex(/^XY(?=.*Z)(?=.*C)(?=.*T)[ZCT]{3}$/),
  PhysicalSizeX: lengthSchema,
  PhysicalSizeXUnit: z.string().default('µm'),
  PhysicalSizeY: lengthSchema,
  PhysicalSizeYUnit: z.string().default('µm'),
  Channel: z.array(channelSchema).default([]),
  TiffData: z.array(tiffDataSchema).default([]),
})

const imageSchema = z.object({
  ID: z.string().default(''),
  Name: z.string().default(''),
  Pixels: z.array(pixelsSchema).min(1),
})

const omeSchema = z.object({
  Image: z.array(imageSchema).default([]),
  BinaryOnly: z.array(z.object({ MetadataFile: z.string() })).optional(),
})

export type OmePixels = z.infer<typeof pixelsSchema>

export interface OmeImage {
  id: string
  name: string
  pixels: OmePixels
}

export interface OmeMetadata {
  images: OmeImage[]
  /** The file that holds the metadata of a set, where this one only points to it. */
  metadataFile: string | undefined
}

/** Elements in elements: the schema has a dozen levels. */
const DEEPEST = 64

const listed = new Set(['Image', 'Pixels', 'Channel', 'TiffData', 'UUID', 'BinaryOnly'])

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  // Names and numbers stay text: the schema says what they are.
  parseTagValue: false,
  parseAttributeValue: false,
  maxNestedTags: DEEPEST,
  isArray: (name) => listed.has(name),
})

/** Whether a text is OME-XML, by its root element. */
export function isOmeXml(text: string): boolean {
  return /<(?:\w+:)?OME[\s>]/.test(text.slice(0, 4096))
}

/**
 * @returns undefined where the text is no OME-XML that can be understood, or declares entities, which OME-XML has none of and
 *   which can be made to grow without end
 */
export function parseOmeXml(text: string): OmeMetadata | undefined {
  if (!isOmeXml(text) || text.includes('<!DOCTYPE') || text.includes('<!ENTITY')) return undefined
  let document: unknown
  try {
    document = parser.parse(text)
  } catch {
    // Cut off, or no XML: the pages themselves are still there to be read.
    return undefined
  }
  const root = z.object({ OME: omeSchema }).safeParse(document)
  if (!root.success) return undefined
  const { Image, BinaryOnly } = root.data.OME
  return {
    images: Image.map(({ ID, Name, Pixels }) => ({ id: ID, name: Name, pixels: Pixels[0] as OmePixels })),
    metadataFile: BinaryOnly?.[0]?.MetadataFile,
  }
}
