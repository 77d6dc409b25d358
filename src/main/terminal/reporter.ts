/** Where a command's messages go: one side of text for people, one of JSON lines for scripts. */
export interface Reporter {
  /** Files reported by `failed` so far. */
  readonly failedFiles: number
  /**
   * How far the work is. Call it as often as there is something new; the reporter thins it out.
   * @param fraction done so far, 0 to 1
   * @param label what is going on, a few words
   * @param estimateSeconds until the end, where known
   */
  progress(fraction: number, label: string, estimateSeconds?: number): void
  info(message: string): void
  warn(message: string): void
  /**
   * What the command was for: once, at its end.
   * @param fields for `--json`, beside `"kind": "result"`
   * @param text the same for people, one or several lines
   */
  result(fields: Readonly<Record<string, unknown>>, text: string): void
  /** A file that could not be done, while the work goes on with the others. */
  failed(file: string, error: unknown): void
  /** The error that ends the command. `debug`: with the stack. */
  fatal(error: unknown, debug: boolean): void
  /** The command is over: takes an unfinished bar off the terminal. */
  end(): void
}
