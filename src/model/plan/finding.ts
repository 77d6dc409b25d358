/** Something about a data set that the user should know before training. */
export interface Finding {
  /** 'stop': training would be of no use. */
  severity: 'stop' | 'warning'
  /** Stable, in kebab-case. */
  code: string
  message: string
  /** What to do about it. */
  remedy: string
  /** The files concerned; empty where it is about all of them. */
  files: string[]
}
