import { type Camera, imageToClip, magnification } from '../../viewer/camera.ts'
import { createProgram } from '../../viewer/gl/program.ts'
import type { ViewerLayer } from '../../viewer/viewer-layer.ts'

/** Of a side of a pixel: column, row, and 0 for upright or 1 for level. */
const NUMBERS_PER_SIDE = 3

/** A quad a side. */
const vertexShader = `#version 300 es
precision highp float;
in vec3 side;
uniform vec2 clipScale, clipOffset;
/** Of the line, in image pixels. */
uniform float width;

void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 across = vec2((corner.x - 0.5) * width, corner.y);
  vec2 at = side.xy + (side.z > 0.5 ? across.yx : across);
  gl_Position = vec4(at * clipScale + clipOffset, 0.0, 1.0);
}
`

const fragmentShader = `#version 300 es
precision highp float;
/** 0 is black, 1 white. */
uniform float brightness;
uniform float opacity;
out vec4 colour;

void main() {
  colour = vec4(vec3(brightness * opacity), opacity);
}
`

/** In CSS pixels, with their brightness: white with a black rim is seen on bright objects too. */
const strokes = [
  { width: 4, brightness: 0 },
  { width: 2, brightness: 1 },
]

interface Drawing {
  program: WebGLProgram
  vertices: WebGLVertexArrayObject
  buffer: WebGLBuffer
}

/** Draws where objects that were split touch. */
export class SplitLinesLayer implements ViewerLayer {
  opacity = 1
  #sides = new Float32Array()
  #isUploaded = false
  #context: WebGL2RenderingContext | undefined
  #drawing: Drawing | undefined

  /** @param sides as the objects of a result tell them; to be drawn anew by the caller */
  setSides(sides: readonly number[]): void {
    this.#sides = Float32Array.from(sides)
    this.#isUploaded = false
  }

  draw(context: WebGL2RenderingContext, camera: Camera): void {
    if (this.#sides.length === 0 || this.opacity === 0) return
    const { program, vertices, buffer } = this.#prepare(context)
    context.useProgram(program)
    const uniform = (name: string) => context.getUniformLocation(program, name)
    const { scale, offset } = imageToClip(camera)
    context.uniform2f(uniform('clipScale'), ...scale)
    context.uniform2f(uniform('clipOffset'), ...offset)
    context.uniform1f(uniform('opacity'), this.opacity)
    context.bindVertexArray(vertices)
    if (!this.#isUploaded) {
      context.bindBuffer(context.ARRAY_BUFFER, buffer)
      context.bufferData(context.ARRAY_BUFFER, this.#sides, context.STATIC_DRAW)
      this.#isUploaded = true
    }
    context.enable(context.BLEND)
    context.blendFunc(context.ONE, context.ONE_MINUS_SRC_ALPHA)
    for (const { width, brightness } of strokes) {
      context.uniform1f(uniform('width'), (width * camera.viewport.pixelRatio) / magnification(camera))
      context.uniform1f(uniform('brightness'), brightness)
      context.drawArraysInstanced(context.TRIANGLE_STRIP, 0, 4, this.#sides.length / NUMBERS_PER_SIDE)
    }
    context.bindVertexArray(null)
  }

  contextLost(): void {
    this.#drawing = undefined
    this.#context = undefined
    this.#isUploaded = false
  }

  dispose(): void {
    if (this.#context !== undefined && this.#drawing !== undefined) {
      this.#context.deleteBuffer(this.#drawing.buffer)
      this.#context.deleteVertexArray(this.#drawing.vertices)
      this.#context.deleteProgram(this.#drawing.program)
    }
    this.contextLost()
  }

  #prepare(context: WebGL2RenderingContext): Drawing {
    this.#context = context
    if (this.#drawing !== undefined) return this.#drawing
    const program = createProgram(context, vertexShader, fragmentShader)
    const vertices = context.createVertexArray()
    const buffer = context.createBuffer()
    const place = context.getAttribLocation(program, 'side')
    context.bindVertexArray(vertices)
    context.bindBuffer(context.ARRAY_BUFFER, buffer)
    context.enableVertexAttribArray(place)
    context.vertexAttribPointer(place, NUMBERS_PER_SIDE, context.FLOAT, false, 0, 0)
    context.vertexAttribDivisor(place, 1)
    context.bindVertexArray(null)
    this.#drawing = { program, vertices, buffer }
    return this.#drawing
  }
}
