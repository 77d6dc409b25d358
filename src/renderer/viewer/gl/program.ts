/**
 * Compiles and links a program.
 * @throws Error with the compiler's words; a lost context is none: then nothing that follows has an effect
 */
export function createProgram(
  context: WebGL2RenderingContext,
  vertex: string,
  fragment: string,
): WebGLProgram {
  const program = context.createProgram()
  for (const [kind, source] of [
    [context.VERTEX_SHADER, vertex],
    [context.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = context.createShader(kind)
    if (shader === null) return program
    context.shaderSource(shader, source)
    context.compileShader(shader)
    if (!context.getShaderParameter(shader, context.COMPILE_STATUS) && !context.isContextLost())
      throw new Error(`A shader does not compile: ${context.getShaderInfoLog(shader) ?? ''}`)
    context.attachShader(program, shader)
    // Lives on as long as the program does.
    context.deleteShader(shader)
  }
  context.linkProgram(program)
  if (!context.getProgramParameter(program, context.LINK_STATUS) && !context.isContextLost())
    throw new Error(`A program does not link: ${context.getProgramInfoLog(program) ?? ''}`)
  return program
}
