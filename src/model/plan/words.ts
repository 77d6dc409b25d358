const threeDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** A number for a sentence: whole ones as they are, others with three significant digits; thousands apart. */
export function readable(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : threeDigits.format(value)
}

/** A share as whole per cent, or with one digit below two. */
export function percent(share: number): string {
  return `${share < 0.02 ? (100 * share).toFixed(1) : Math.round(100 * share)} %`
}

/** "1 image", "12 images". */
export function countOf(count: number, noun: string): string {
  return `${readable(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** How often something happens, about: "once", "12 times"; never less than once. */
export function timesText(times: number): string {
  const whole = Math.max(1, Math.round(times))
  return whole === 1 ? 'once' : `${readable(whole)} times`
}

/** The verb that goes with a count. */
export function isOrAre(count: number): string {
  return count === 1 ? 'is' : 'are'
}

/** The first five, and how many more there are: a folder may have thousands. */
export function firstOf(texts: readonly string[], separator: string): string {
  const shown = texts.slice(0, 5)
  return [...shown, ...(texts.length > shown.length ? [`and ${texts.length - shown.length} more`] : [])].join(
    separator,
  )
}
