/** A value of the plan, and how it is told to people. */
export interface Decided<Value> {
  value: Value
  decision: string
  reason: string
}
