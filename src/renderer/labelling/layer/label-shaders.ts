/** A quad a tile that has labels: `tile` is its column and row, the corner follows from the vertex's number. */
export const labelVertexShader = `#version 300 es
precision highp float;
in vec2 tile;
uniform vec2 clipScale, clipOffset;
/** Image pixels a texel, and the level's size in texels. */
uniform float texelSize;
uniform vec2 levelSize;
/** Of the image, in its own pixels: at the edges a texel reaches beyond. */
uniform vec2 imageSize;
out vec2 texel;

void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 at = min((tile + corner) * 256.0, imageSize / texelSize);
  texel = at;
  gl_Position = vec4(at * texelSize * clipScale + clipOffset, 0.0, 1.0);
}
`

/**
 * Labels lie in layers of one texture; \`pages\` tells which layer holds a tile. So a pixel finds its neighbours' labels
 * across tiles, which outlines need.
 */
export const labelFragmentShader = `#version 300 es
precision highp float;
precision highp usampler2DArray;
precision highp usampler2D;
in vec2 texel;
uniform usampler2DArray labels;
uniform usampler2D pages;
uniform sampler2D colours;
uniform vec2 levelSize;
/** Column and row of the first tile in pages. */
uniform ivec2 firstPage;
uniform float opacity;
/** Texels a pixel of the screen, and pixels of the screen a CSS pixel. */
uniform float texelsPerPixel, pixelRatio;
uniform bool outlines;
out vec4 colour;

const uint UNLABELLED = 255u;
const uint BACKGROUND = 0u;
const uint NO_LAYER = 65535u;
const float OUTLINE_WIDTH = 1.5;
const float HATCH_PERIOD = 9.0;
const float HATCH_WIDTH = 1.4;

uint labelAt(vec2 place) {
  ivec2 at = ivec2(floor(place));
  if (any(lessThan(at, ivec2(0))) || any(greaterThanEqual(at, ivec2(levelSize)))) return UNLABELLED;
  ivec2 page = (at >> 8) - firstPage;
  if (any(lessThan(page, ivec2(0))) || any(greaterThanEqual(page, textureSize(pages, 0)))) return UNLABELLED;
  uint layer = texelFetch(pages, page, 0).r;
  if (layer == NO_LAYER) return UNLABELLED;
  return texelFetch(labels, ivec3(at & 255, int(layer)), 0).r;
}

bool isAtEdge(uint label) {
  float far = OUTLINE_WIDTH * pixelRatio * texelsPerPixel;
  for (int dy = -1; dy <= 1; dy++)
    for (int dx = -1; dx <= 1; dx++)
      if (labelAt(texel + far * vec2(dx, dy)) != label) return true;
  return false;
}

/** Thin slanted lines, which stay with the image and are as far apart at every zoom. */
float hatch() {
  float along = (texel.x + texel.y) / (texelsPerPixel * pixelRatio);
  return mod(along, HATCH_PERIOD) < HATCH_WIDTH ? 1.0 : 0.0;
}

void main() {
  uint label = labelAt(texel);
  if (label == UNLABELLED) discard;
  float strength = label == BACKGROUND ? mix(0.14, 0.75, hatch()) : 1.0;
  if (outlines) {
    if (isAtEdge(label)) strength = 1.0;
    else if (label == BACKGROUND) strength = 0.5 * hatch();
    else strength = 0.0;
  }
  float alpha = opacity * strength;
  colour = vec4(texelFetch(colours, ivec2(int(label), 0), 0).rgb * alpha, alpha);
}
`
