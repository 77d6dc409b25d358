import type { ImageDetails } from '../../preload/contract/images.ts'

/** What a channel is called: by its file, or by its number. */
export function channelName({ channelLooks }: Pick<ImageDetails, 'channelLooks'>, channel: number): string {
  return channelLooks?.[channel]?.name ?? `channel ${channel + 1}`
}
