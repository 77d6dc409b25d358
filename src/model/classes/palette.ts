/**
 * Colours of classes 1, 2, ... wherever classes are shown: Okabe and Ito's palette, which people with any common
 * colour blindness can tell apart, in an order that puts strong contrasts first.
 * Source: M. Okabe, K. Ito, "Color Universal Design" (2008).
 */
const CLASS_COLOURS = ['#E69F00', '#56B4E9', '#009E73', '#CC79A7', '#D55E00', '#F0E442', '#0072B2'] as const

/** Of class 0, the background, where it has to have a colour: in legends and curves, not over images. */
const BACKGROUND_COLOUR = '#8A8F98'

/** `#rrggbb` of a class value; from class 8 on, colours come again. */
export function classColour(classValue: number): string {
  return classValue === 0
    ? BACKGROUND_COLOUR
    : (CLASS_COLOURS[(classValue - 1) % CLASS_COLOURS.length] as string)
}
