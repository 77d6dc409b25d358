/**
 * The index inside an axis that stands in for one beyond its end, as in a mirror on the last pixel (which is not
 * repeated): `... c b a b c d c b a b ...`.
 */
export function reflect(index: number, extent: number): number {
  if (extent === 1) return 0
  const period = 2 * (extent - 1)
  const folded = ((index % period) + period) % period
  return folded < extent ? folded : period - folded
}
