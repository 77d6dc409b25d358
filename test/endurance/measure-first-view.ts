import { measureChannels } from '../../src/main/imaging/channel-statistics.ts'
import { openImage } from '../../src/main/imaging/open-image.ts'
import { ImageView } from '../../src/main/imaging/pyramid/image-view.ts'
import { fingerprintImage } from '../../src/main/services/content-fingerprint.ts'

export interface FirstView {
  pages: number
  /** The first pixel of the page. */
  value: number
  milliseconds: number
  processorMilliseconds: number
  peakBytes: number
}

/** A process that does what the application does when an image is opened for the first time: details, then a page's pixels. */
const [path = '', page = ''] = process.argv.slice(2)
const [start, processor] = [performance.now(), process.cpuUsage()]
const source = await openImage(path)
const view = new ImageView(source)
measureChannels(await view.sample(0))
await fingerprintImage(path)
const tile = await view.tile({ page: Number(page), channel: 0, level: 0, column: 0, row: 0 })
const { user, system } = process.cpuUsage(processor)
const seen: FirstView = {
  pages: source.info.pages,
  value: new Uint16Array(tile.bytes.buffer, tile.bytes.byteOffset, 1)[0] as number,
  milliseconds: Math.round(performance.now() - start),
  processorMilliseconds: Math.round((user + system) / 1000),
  peakBytes: process.resourceUsage().maxRSS * 1024,
}
await source.close()
process.send?.(seen, () => process.exit(0))
