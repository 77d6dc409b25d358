/** A duration for people: `8 s`, `3 min 20 s`, `2 h 05 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${twoDigits(whole % 60)} s`
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`
}

/** ` 42 %  training, about 3 min 20 s left` */
export function progressLine(fraction: number, label: string, estimateSeconds: number | undefined): string {
  const left = estimateSeconds === undefined ? '' : `, about ${formatDuration(estimateSeconds)} left`
  return `${percentage(fraction)}  ${label}${left}`
}

/** The progress line behind a bar, cut to the width of the terminal so that it never wraps. */
export function progressBar(
  fraction: number,
  label: string,
  estimateSeconds: number | undefined,
  columns: number,
): string {
  const width = Math.min(30, Math.max(8, Math.floor(columns / 4)))
  const filled = Math.round(clamp(fraction) * width)
  const bar = '█'.repeat(filled) + '░'.repeat(width - filled)
  return `${bar} ${progressLine(fraction, label, estimateSeconds)}`.slice(0, Math.max(0, columns - 1))
}

function percentage(fraction: number): string {
  // 100 % is kept for what is done.
  return `${Math.floor(clamp(fraction) * 100)} %`.padStart(5)
}

function clamp(fraction: number): number {
  return Math.min(1, Math.max(0, fraction))
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
