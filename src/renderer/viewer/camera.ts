/** Where and how large an image is seen. All cameras are values: moving makes a new one. */
export interface Camera {
  /**
   * The image point in the middle of the viewport. x to the right, y down; the pixel in column c and row r covers
   * c to c + 1 and r to r + 1.
   */
  readonly x: number
  readonly y: number
  /** CSS pixels that an image pixel takes. */
  readonly zoom: number
  readonly viewport: Viewport
}

/** The part of the screen that shows the image, in CSS pixels. */
export interface Viewport {
  readonly width: number
  readonly height: number
  /** Pixels of the screen that a CSS pixel takes. */
  readonly pixelRatio: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** A rectangle of image pixels. */
export interface Rectangle extends Point, Size {}

/** Screen pixels that an image pixel can take at most: enough to count pixels of, few enough to keep the bearings. */
const GREATEST_MAGNIFICATION = 128
/** How much smaller than the viewport an image can be made. */
const SMALLEST_PART_OF_FIT = 1 / 4
/** Air around an image that is fitted. */
const FIT_MARGIN = 0.98

/** Screen pixels that an image pixel takes: 1 at one to one. */
export function magnification(camera: Camera): number {
  return camera.zoom * camera.viewport.pixelRatio
}

/** From CSS pixels, counted from the viewport's upper left corner, to the image. */
export function screenToImage(camera: Camera, point: Point): Point {
  return {
    x: camera.x + (point.x - camera.viewport.width / 2) / camera.zoom,
    y: camera.y + (point.y - camera.viewport.height / 2) / camera.zoom,
  }
}

/** From the image to CSS pixels, counted from the viewport's upper left corner. */
export function imageToScreen(camera: Camera, point: Point): Point {
  return {
    x: (point.x - camera.x) * camera.zoom + camera.viewport.width / 2,
    y: (point.y - camera.y) * camera.zoom + camera.viewport.height / 2,
  }
}

/** What takes image points to WebGL's clip space: `clip = image * scale + offset`, each for x and y. */
export function imageToClip(camera: Camera): {
  scale: readonly [x: number, y: number]
  offset: readonly [x: number, y: number]
} {
  const scaleX = (2 * camera.zoom) / camera.viewport.width
  const scaleY = (-2 * camera.zoom) / camera.viewport.height
  return { scale: [scaleX, scaleY], offset: [-camera.x * scaleX, -camera.y * scaleY] }
}

/** The rectangle of the image's plane that the viewport shows; it may reach beyond the image. */
export function visibleRectangle(camera: Camera): Rectangle {
  const { x, y } = screenToImage(camera, { x: 0, y: 0 })
  return { x, y, width: camera.viewport.width / camera.zoom, height: camera.viewport.height / camera.zoom }
}

/** The whole image, as large as it fits. */
export function fit(image: Size, viewport: Viewport): Camera {
  return { x: image.width / 2, y: image.height / 2, zoom: fittingZoom(image, viewport), viewport }
}

/** An image pixel a screen pixel, around the same point. */
export function oneToOne(camera: Camera, image: Size): Camera {
  return clamp({ ...camera, zoom: 1 / camera.viewport.pixelRatio }, image)
}

/** Moves the image by CSS pixels. */
export function pan(camera: Camera, by: Point, image: Size): Camera {
  return clamp({ ...camera, x: camera.x - by.x / camera.zoom, y: camera.y - by.y / camera.zoom }, image)
}

/** Puts an image point into the middle. */
export function centreOn(camera: Camera, point: Point, image: Size): Camera {
  return clamp({ ...camera, x: point.x, y: point.y }, image)
}

/**
 * Makes the image larger (or smaller) by a factor, while what is under a point of the screen stays there.
 * @param at CSS pixels from the viewport's upper left corner
 */
export function zoomAt(camera: Camera, factor: number, at: Point, image: Size): Camera {
  const held = screenToImage(camera, at)
  const zoom = clampZoom(camera.zoom * factor, image, camera.viewport)
  return clamp(
    {
      ...camera,
      zoom,
      x: held.x - (at.x - camera.viewport.width / 2) / zoom,
      y: held.y - (at.y - camera.viewport.height / 2) / zoom,
    },
    image,
  )
}

/** Keeps the zoom within sense, and the middle of the viewport on the image: it cannot be lost from sight. */
export function clamp(camera: Camera, image: Size): Camera {
  return {
    ...camera,
    zoom: clampZoom(camera.zoom, image, camera.viewport),
    x: Math.min(image.width, Math.max(0, camera.x)),
    y: Math.min(image.height, Math.max(0, camera.y)),
  }
}

/**
 * The camera moved by less than a screen pixel, so that the image's corner lies on a corner of screen pixels: image
 * pixels are then as sharp, and as wide as each other, as the zoom allows.
 */
export function alignToScreen(camera: Camera): Camera {
  const { viewport, zoom } = camera
  const corner = imageToScreen(camera, { x: 0, y: 0 })
  const aligned = (at: number): number => Math.round(at * viewport.pixelRatio) / viewport.pixelRatio
  return {
    ...camera,
    x: (viewport.width / 2 - aligned(corner.x)) / zoom,
    y: (viewport.height / 2 - aligned(corner.y)) / zoom,
  }
}

function fittingZoom(image: Size, viewport: Viewport): number {
  return FIT_MARGIN * Math.min(viewport.width / image.width, viewport.height / image.height)
}

function clampZoom(zoom: number, image: Size, viewport: Viewport): number {
  const smallest = Math.min(SMALLEST_PART_OF_FIT * fittingZoom(image, viewport), 1 / viewport.pixelRatio)
  const greatest = Math.max(fittingZoom(image, viewport), GREATEST_MAGNIFICATION / viewport.pixelRatio)
  return Math.min(greatest, Math.max(smallest, zoom))
}
