const numbers = new Intl.NumberFormat('en-US')

/** `12,345` */
export function count(value: number): string {
  return numbers.format(value)
}

/** `1 image`, `12,345 images`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** `<1 %`, `37 %`: never 0 % of something that is there, never 100 % of something that is not complete. */
export function percent(share: number): string {
  if (share > 0 && share < 0.01) return '<1 %'
  if (share > 0.99 && share < 1) return '>99 %'
  return `${Math.round(share * 100)} %`
}

/** `3.4 GB` */
export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const
  const power = value < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(value) / 3))
  const scaled = value / 1000 ** power
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power] ?? ''}`
}

/** Three significant digits, whole numbers whole. */
export function measure(value: number): string {
  return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(3)))
}

/** `today, 14:05`, `3 May 2026`: when something was, on this computer's clock. */
export function moment(iso: string, now = new Date()): string {
  const date = new Date(iso)
  if (date.toDateString() === now.toDateString()) {
    return `today, ${date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`
  }
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
}
