/** One quad: a tile. */
export const predictionVertexShader = `#version 300 es
precision highp float;
uniform vec2 clipScale, clipOffset;
/** Of the tile, in image pixels. */
uniform vec2 origin, size;
out vec2 texel;

void main() {
  texel = vec2(gl_VertexID & 1, gl_VertexID >> 1) * size;
  gl_Position = vec4((origin + texel) * clipScale + clipOffset, 0.0, 1.0);
}
`

/**
 * Classes are dotted and their outlines dashed, so that nobody takes them for labels, which are plain. The background is not
 * drawn. Uncertainty goes from nothing by yellow to magenta.
 */
export const predictionFragmentShader = `#version 300 es
precision highp float;
precision highp usampler2D;
in vec2 texel;
/** Class value and uncertainty of each pixel. */
uniform usampler2D tile;
uniform sampler2D colours;
uniform vec2 origin, size;
uniform float opacity;
/** Image pixels a pixel of the screen, and pixels of the screen a CSS pixel. */
uniform float texelsPerPixel, pixelRatio;
uniform bool showsUncertainty;
out vec4 colour;

const uint UNLABELLED = 255u;
const uint BACKGROUND = 0u;
const float OUTLINE_WIDTH = 1.5;
const float DASH = 8.0;
const float DOT_PERIOD = 7.0;
const float DOT_RADIUS = 1.5;
const float FILL = 0.3;
/** Uncertainty that is drawn in full: with two classes it is 0.5 at most. */
const float FULL_UNCERTAINTY = 0.5;

uint classAt(vec2 place) {
  ivec2 at = clamp(ivec2(floor(place)), ivec2(0), ivec2(size) - 1);
  return texelFetch(tile, at, 0).r;
}

bool isAtEdge(uint value) {
  float far = OUTLINE_WIDTH * pixelRatio * texelsPerPixel;
  for (int dy = -1; dy <= 1; dy++)
    for (int dx = -1; dx <= 1; dx++)
      if (classAt(texel + far * vec2(dx, dy)) != value) return true;
  return false;
}

void main() {
  uint value = classAt(texel);
  /** In CSS pixels; it stays with the image. */
  vec2 place = (origin + texel) / (texelsPerPixel * pixelRatio);
  if (showsUncertainty) {
    float share = float(texelFetch(tile, clamp(ivec2(floor(texel)), ivec2(0), ivec2(size) - 1), 0).g) / 255.0;
    float strength = min(1.0, share / FULL_UNCERTAINTY);
    vec3 rgb = mix(vec3(1.0, 0.85, 0.1), vec3(0.9, 0.1, 0.6), strength);
    float alpha = opacity * strength;
    colour = vec4(rgb * alpha, alpha);
    return;
  }
  if (value == UNLABELLED || value == BACKGROUND) discard;
  vec3 rgb = texelFetch(colours, ivec2(int(value), 0), 0).rgb;
  if (isAtEdge(value)) {
    bool isDash = mod(place.x + place.y, DASH) < DASH / 2.0;
    float alpha = opacity;
    colour = vec4((isDash ? rgb : vec3(1.0)) * alpha, alpha);
    return;
  }
  vec2 cell = mod(place, DOT_PERIOD) - DOT_PERIOD / 2.0;
  float alpha = opacity * (length(cell) < DOT_RADIUS ? 1.0 : FILL);
  colour = vec4(rgb * alpha, alpha);
}
`
