import { createBrushTool } from './brush-tool.ts'
import { createFillTool } from './fill-tool.ts'
import { createFloodTool } from './flood-tool.ts'
import { createLassoTool } from './lasso-tool.ts'
import { createPickTool } from './pick-tool.ts'
import { createPolygonTool } from './polygon-tool.ts'
import { createRectangleTool } from './rectangle-tool.ts'
import { createTakeTool } from './take-tool.ts'
import type { Tool, ToolName, ToolSurroundings } from './tool.ts'

const makers: Readonly<Record<ToolName, (surroundings: ToolSurroundings) => Tool>> = {
  brush: (surroundings) => createBrushTool(surroundings, 'class'),
  erase: (surroundings) => createBrushTool(surroundings, 'nothing'),
  fill: createFillTool,
  pick: createPickTool,
  polygon: createPolygonTool,
  lasso: createLassoTool,
  flood: createFloodTool,
  rectangle: createRectangleTool,
  take: createTakeTool,
  'take-brush': (surroundings) => createBrushTool(surroundings, 'suggestion'),
}

export function createTool(name: ToolName, surroundings: ToolSurroundings): Tool {
  return makers[name](surroundings)
}
