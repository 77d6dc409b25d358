import type { Camera } from './camera.ts'

/** Something drawn over the image: labels, a prediction. */
export interface ViewerLayer {
  /**
   * Draws what the camera sees. Called only when something changed. The framebuffer, viewport and scissor are set and are to
   * be left alone; blending is on, for colours multiplied by their opacity; `UNPACK_ALIGNMENT` is 1. Any other state may be
   * changed and is not to be relied on.
   * @param camera aligned to the screen's pixels: take `imageToClip` of it
   */
  draw(context: WebGL2RenderingContext, camera: Camera): void
  /** The graphics system dropped everything: programs and textures are to be forgotten, and made anew at the next draw. */
  contextLost(): void
  /** Gives textures and programs back. */
  dispose(): void
}
