/**
 * Colours that people with any common colour blindness can tell apart.
 * Source: M. Okabe, K. Ito, "Color Universal Design" (2008).
 */
export const palette = [
  { name: 'orange', colour: '#E69F00' },
  { name: 'sky blue', colour: '#56B4E9' },
  { name: 'bluish green', colour: '#009E73' },
  { name: 'reddish purple', colour: '#CC79A7' },
  { name: 'vermilion', colour: '#D55E00' },
  { name: 'yellow', colour: '#F0E442' },
  { name: 'blue', colour: '#0072B2' },
  { name: 'grey', colour: '#8A8F98' },
] as const
