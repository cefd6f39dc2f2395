import type { Effect, ToolDescription } from './source.js';

/**
 * The effect a tool has or claims. Built-ins know theirs; for others the annotations are read as claims,
 * and what is left unset stays unknown (the defaults of MCP spec 2025-11-25 are for display, not for trust).
 */
export function effectOf(tool: Pick<ToolDescription, 'annotations' | 'effect'>): Effect {
  if (tool.effect !== undefined) return tool.effect;
  const hints = tool.annotations;
  if (hints?.readOnlyHint === true) return 'read';
  if (hints?.openWorldHint === true) return 'outward';
  if (hints?.destructiveHint === true || hints?.readOnlyHint === false) return 'write';
  return 'unknown';
}
