import type { JsonObject } from '../json.js';
import type { CatalogTool } from './catalog.js';
import type { PromptDescription, ToolDescription } from './source.js';

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

/** A prompt as what is pinned like a tool; no tool has such a name. */
export function promptDefinition({ name, title, description, arguments: args }: PromptDescription): ToolDefinition {
  return {
    name: `prompt\u0000${name}`,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(args.map((each) => [each.name, { type: 'string', ...(each.description === undefined ? {} : { description: each.description }) }])),
      required: args.filter(({ required }) => required === true).map((each) => each.name),
    },
  };
}
