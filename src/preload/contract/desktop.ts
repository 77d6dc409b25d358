/** The channel on which the preload hands the page's port to the main process. */
export const connectChannel = 'segscope:connect'

/** The message with which the page gives its port away; from then on the contract runs over it. */
export const connectMessage = 'segscope:connect'

/** What only the desktop has, as `window.segscope`. */
export interface Desktop {
  /** The path of a file or folder that was dropped on the window. */
  pathOf(file: File): string
}
