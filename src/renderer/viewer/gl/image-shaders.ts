/** How a program reads samples: by the kind of numbers that the texture holds. */
export type SampleKind = 'unsigned' | 'signed' | 'float'

const samplers: Readonly<Record<SampleKind, string>> = {
  unsigned: 'usampler2D',
  signed: 'isampler2D',
  float: 'sampler2D',
}

/** A rectangle of the image; its corners are made from the vertex's number (triangle strip of 4). */
export const imageVertexShader = `#version 300 es
precision highp float;
uniform vec4 part; // x, y, width, height, in image pixels
uniform vec2 clipScale;
uniform vec2 clipOffset;
uniform vec2 tileOrigin; // image pixels
uniform float tileScale; // tile pixels an image pixel
out vec2 texel;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 place = part.xy + corner * part.zw;
  texel = (place - tileOrigin) * tileScale;
  gl_Position = vec4(place * clipScale + clipOffset, 0.0, 1.0);
}`

/**
 * One channel of a tile through its window and colours.
 * @param smooth mixes the four nearest samples, for an image that is made smaller; otherwise every sample is a square
 */
export function imageFragmentShader(kind: SampleKind, smooth: boolean): string {
  return `#version 300 es
precision highp float;
precision highp int;
precision highp ${samplers[kind]};
uniform ${samplers[kind]} samples;
uniform sampler2D colours;
uniform ivec2 lastTexel;
uniform float low;
uniform float stepsPerValue;
uniform float lastStep;
in vec2 texel;
out vec4 colour;
float sampleAt(ivec2 at) {
  return float(texelFetch(samples, clamp(at, ivec2(0), lastTexel), 0).r);
}
void main() {
${
  smooth
    ? `  vec2 corner = texel - 0.5;
  vec2 share = fract(corner);
  ivec2 at = ivec2(floor(corner));
  float value = mix(
    mix(sampleAt(at), sampleAt(at + ivec2(1, 0)), share.x),
    mix(sampleAt(at + ivec2(0, 1)), sampleAt(at + ivec2(1, 1)), share.x),
    share.y);`
    : '  float value = sampleAt(ivec2(floor(texel)));'
}
  float along = clamp((value - low) * stepsPerValue, 0.0, lastStep);
  // What is no number has no colour: black, or the map's darkest.
  colour = texelFetch(colours, ivec2(value == value ? int(along + 0.5) : 0, 0), 0);
}`
}
