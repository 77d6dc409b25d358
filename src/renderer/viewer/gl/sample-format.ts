import type { TileSamples } from '../samples.ts'
import type { SampleKind } from './image-shaders.ts'

/** How samples are handed to WebGL, without loss. */
export interface SampleFormat {
  readonly kind: SampleKind
  readonly internal: GLenum
  readonly format: GLenum
  readonly type: GLenum
}

export function sampleFormat(gl: WebGL2RenderingContext, samples: TileSamples): SampleFormat {
  const integer = { format: gl.RED_INTEGER }
  if (samples instanceof Uint8Array)
    return { ...integer, kind: 'unsigned', internal: gl.R8UI, type: gl.UNSIGNED_BYTE }
  if (samples instanceof Int8Array) return { ...integer, kind: 'signed', internal: gl.R8I, type: gl.BYTE }
  if (samples instanceof Uint16Array)
    return { ...integer, kind: 'unsigned', internal: gl.R16UI, type: gl.UNSIGNED_SHORT }
  if (samples instanceof Int16Array) return { ...integer, kind: 'signed', internal: gl.R16I, type: gl.SHORT }
  if (samples instanceof Uint32Array)
    return { ...integer, kind: 'unsigned', internal: gl.R32UI, type: gl.UNSIGNED_INT }
  if (samples instanceof Int32Array) return { ...integer, kind: 'signed', internal: gl.R32I, type: gl.INT }
  return { kind: 'float', internal: gl.R32F, format: gl.RED, type: gl.FLOAT }
}
