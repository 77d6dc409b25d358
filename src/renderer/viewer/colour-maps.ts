import type { ChannelSettings, ColourMap } from '../../preload/contract/viewer-settings.ts'

/** Steps of a lookup table: four times what a screen shows, so that gamma leaves no bands in the dark. */
export const LOOKUP_STEPS = 1024

/** Evenly spaced colours of a map, between which colours are mixed. */
const anchors: Readonly<Record<Exclude<ColourMap, 'colour'>, string>> = {
  grey: '000000 ffffff',
  'inverted grey': 'ffffff 000000',
  // Of matplotlib (CC0), every sixteenth colour.
  viridis:
    '440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918d 1f9f88 27ad81 3ebc74 5dc863 82d34d aadc32 d5e21a fde725',
  magma:
    '000004 0a0822 1d1147 36106b 51127c 691c81 822681 9c2e7f b6377a cf4070 e65164 f46a5c fb8861 fea571 fec287 fde0a1 fcfdbf',
  // Of ImageJ (public domain).
  fire:
    '000000 00003d 010060 190082 3100a5 4900c0 6200dc 7a00e3 9200d2 a200b5 ad0097 b8007a c3005d cf0e40 d92323 e53905 ' +
    'f04f00 fc6500 ff7500 ff8500 ff9300 ffa100 ffaf00 ffbe00 ffcd00 ffdb00 ffea00 fff823 ffff62 ffffa0 ffffdf ffffff',
}

/**
 * The colours of a channel from the low end of its window to the high one, `[LOOKUP_STEPS, 4]`: red, green, blue, opaque.
 * Gamma as in ImageJ: what is shown is the share of the window to the power of gamma.
 */
export function lookupTable({
  colourMap,
  colour,
  gamma,
}: Pick<ChannelSettings, 'colourMap' | 'colour' | 'gamma'>): Uint8Array<ArrayBuffer> {
  const colours = (colourMap === 'colour' ? ['000000', colour.slice(1)] : anchors[colourMap].split(' ')).map(
    toChannels,
  )
  const table = new Uint8Array(4 * LOOKUP_STEPS)
  for (let step = 0; step < LOOKUP_STEPS; step++) {
    const at = (step / (LOOKUP_STEPS - 1)) ** gamma * (colours.length - 1)
    const below = colours[Math.floor(at)] as number[]
    const above = colours[Math.ceil(at)] as number[]
    for (let part = 0; part < 3; part++) {
      const from = below[part] as number
      table[4 * step + part] = Math.round(from + ((above[part] as number) - from) * (at % 1))
    }
    table[4 * step + 3] = 255
  }
  return table
}

/** @param colour six hexadecimal digits */
function toChannels(colour: string): number[] {
  return [0, 2, 4].map((at) => parseInt(colour.slice(at, at + 2), 16))
}
