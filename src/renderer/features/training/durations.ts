/** `a few seconds`, `about 40 s`, `about 4 min`, `about 2.5 h`: as exact as an estimate is. */
export function aboutDuration(seconds: number): string {
  if (seconds < 10) return 'a few seconds'
  if (seconds < 90) return `about ${Math.round(seconds / 10) * 10} s`
  const minutes = seconds / 60
  if (minutes < 90) return `about ${Math.round(minutes)} min`
  const hours = minutes / 60
  return `about ${hours < 10 ? Math.round(hours * 2) / 2 : Math.round(hours)} h`
}

/** `24 ms`, `1.3 s`: of one training step. */
export function stepDuration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}
