import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Axis, ImageInfo, ImageSource, Raster, Region } from '../../../model/images/image-source.ts'
import type { ImageSelection } from '../../../preload/contract/image-address.ts'
import { arrangePlanes } from '../axes/arrange-planes.ts'
import { damagedImage, truncatedImage } from '../image-errors.ts'
import { checkRegion, createSamples } from '../regions.ts'
import { type FrameStack, groupFrames } from './frame-stacks.ts'

type OpenImage = (path: string) => Promise<ImageSource>

interface Frame {
  file: string
  page: number
}

/** Frames that are kept open: those of one time with all its channels. */
const MOST_OPEN = 8

/**
 * Opens files whose names follow a pattern as one image. What a file holds itself (colours, z planes) goes within.
 * @param path of the first file
 * @throws SegscopeError `image-truncated` where frames are missing; as opening the first; `axes-do-not-fit`, `pattern-unusable`
 */
export async function openFrames(
  path: string,
  { frames = '', axes: chosen }: ImageSelection,
  open: OpenImage,
): Promise<ImageSource> {
  const folder = dirname(path)
  const names = await readdir(folder)
  const stack = groupFrames(
    names.map((name) => join(folder, name)),
    frames,
  ).stacks.find(({ pattern }) => pattern === frames)
  if (stack === undefined) throw truncatedImage(path, `beside it there is no further file named ${frames}`)
  if (stack.missing > 0) {
    throw truncatedImage(
      path,
      `of its ${String(stack.files.length + stack.missing)} frames ${frames}, ${String(stack.missing)} are missing`,
    )
  }
  const first = await open(stack.files[0] as string)
  const { info } = first
  await first.close()
  return new FramesSource(path, stack, info, chosen, open)
}

class FramesSource implements ImageSource {
  readonly path: string
  readonly info: ImageInfo
  readonly #frame: ImageInfo
  readonly #pages: readonly (readonly Frame[])[]
  readonly #open: OpenImage
  /** From the least to the most recently used. */
  readonly #sources = new Map<string, Promise<ImageSource>>()

  constructor(
    path: string,
    stack: FrameStack,
    frame: ImageInfo,
    chosen: string | undefined,
    open: OpenImage,
  ) {
    const [times, planes, channels] = stack.axes as [Axis, Axis, Axis]
    // Planes within a file lie below those of files.
    const z: Axis = { name: 'z', size: planes.size * frame.pages }
    const leading = [times, z, channels]
    const within = (size: number): number[] => Array.from({ length: size }, (_, at) => at)
    const frames = within(times.size).flatMap((t) =>
      within(z.size).flatMap((at) =>
        within(channels.size).map((c) => ({
          file: stack.files[(t * planes.size + Math.floor(at / frame.pages)) * channels.size + c] as string,
          page: at % frame.pages,
        })),
      ),
    )
    const arranged = arrangePlanes(path, frames, leading, frame, chosen)
    const looks = stack.channelNames?.map((name) => ({ name }))
    const count = (arranged.pages[0] as Frame[]).length
    this.path = path
    this.#frame = frame
    this.#open = open
    this.#pages = arranged.pages
    this.info = {
      ...frame,
      ...arranged.facts,
      channels: frame.channels * count,
      format: `Frames (${frame.format})`,
      ...(looks?.length === frame.channels * count && { channelLooks: looks }),
      parts: stack.files.filter((file) => file !== path),
    }
  }

  async read(region: Region, page = 0): Promise<Raster> {
    checkRegion(this.info, region, page)
    const frames = this.#pages[page] as readonly Frame[]
    const { channels, sampleType } = this.info
    const samples = createSamples(sampleType, channels * region.height * region.width)
    for (const [index, frame] of frames.entries()) {
      const source = await this.#source(frame.file)
      const raster = await source.read(region, frame.page)
      samples.set(raster.samples, (index * samples.length) / frames.length)
    }
    return { samples, channels, width: region.width, height: region.height }
  }

  async close(): Promise<void> {
    const sources = [...this.#sources.values()]
    this.#sources.clear()
    for (const source of sources) await source.then((open) => open.close(), noSource)
  }

  async #source(file: string): Promise<ImageSource> {
    let source = this.#sources.get(file)
    this.#sources.delete(file)
    source ??= this.#openAlike(file)
    this.#sources.set(file, source)
    const [oldest] = this.#sources
    if (
      oldest !== undefined &&
      this.#sources.size > Math.max(MOST_OPEN, (this.#pages[0] as Frame[]).length)
    ) {
      this.#sources.delete(oldest[0])
      await oldest[1].then((open) => open.close(), noSource)
    }
    return source
  }

  async #openAlike(file: string): Promise<ImageSource> {
    const source = await this.#open(file)
    const [one, other] = [source.info, this.#frame]
    const isAlike =
      one.width === other.width &&
      one.height === other.height &&
      one.channels === other.channels &&
      one.pages === other.pages &&
      one.sampleType === other.sampleType
    if (isAlike) return source
    await source.close()
    throw damagedImage(file, 'this frame is of another size or sample type than the first')
  }
}

/** What could not be opened was said to whoever asked for it. */
function noSource(): void {
  return undefined
}
