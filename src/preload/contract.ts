/** What runs here, for the page's foot and for reports of problems. */
export interface About {
  segscope: string
  electron: string
  platform: string
}

/** Every request from the page to the main process; its name is the channel. The page finds them as `window.segscope`. */
export interface Requests {
  about(): Promise<About>
}
