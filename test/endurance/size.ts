/** Counts for a check of a few minutes (SEGSCOPE_ENDURANCE=small), or in full. */
export function choose<Value>(counts: { small: Value; full: Value }): Value {
  return process.env['SEGSCOPE_ENDURANCE'] === 'small' ? counts.small : counts.full
}
