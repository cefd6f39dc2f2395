import type { JsonObject } from '../json.js';
import type { CatalogTool } from './catalog.js';
import type { ToolDescription } from './source.js';

/** What a developer approves when approving a tool. */
export type ToolDefinition = Pick<ToolDescription, 'name' | 'title' | 'description' | 'inputSchema' | 'outputSchema' | 'annotations'>;

export function definitionOf(tool: CatalogTool): ToolDefinition {
  const { title, description, inputSchema, outputSchema, annotations } = tool;
  return {
    name: tool.ref.name,
    inputSchema,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(outputSchema !== undefined && { outputSchema }),
    ...(annotations !== undefined && { annotations }),
  };
}

/** The same as JSON, in the order in which people read it. */
export function definitionAsJson({ name, title, description, annotations, inputSchema, outputSchema }: ToolDefinition): JsonObject {
  return JSON.parse(JSON.stringify({ name, title: title ?? annotations?.title, description, annotations, inputSchema, outputSchema })) as JsonObject;
}
