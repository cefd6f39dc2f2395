import type { Effect, SourceKind, ToolAnnotations } from '../../catalog/source.js';

/** What a run has read so far, as far as it bears on what it may send (DESIGN.md 14). */
export interface Flow {
  /** Tools that brought strangers' content, as scripts write them. */
  readonly outside: ReadonlySet<string>;
  /** Sources that gave private data. */
  readonly private: ReadonlySet<string>;
}

export class RunFlow implements Flow {
  readonly outside = new Set<string>();
  readonly private = new Set<string>();

  /** Notes what an answered call may have brought into the run. */
  answered(call: { readonly label: string; readonly server: string; readonly openWorld: boolean; readonly effect: Effect; readonly helper: boolean }): void {
    if (call.helper) return;
    if (call.openWorld) this.outside.add(call.label);
    else if (call.effect === 'read' || call.effect === 'unknown') this.private.add(call.server);
  }
}

/** Whether a tool reads an open world of strangers: it or the developer says so explicitly. */
export function isOpenWorld(tool: { readonly annotations?: ToolAnnotations; readonly sourceKind: SourceKind; readonly markedOpenWorld: boolean }): boolean {
  return tool.markedOpenWorld || (tool.sourceKind !== 'builtin' && tool.annotations?.openWorldHint === true);
}

/** What the run has seen, as the end of a sentence; undefined where nothing bears on a call to `server`. */
export function flowSentence(flow: Flow, server: string): string | undefined {
  if (flow.outside.size === 0) return undefined;
  const outside = named(flow.outside);
  const elsewhere = [...flow.private].filter((source) => source !== server);
  if (elsewhere.length === 0) return `This run has read outside content (${outside}), which may have steered it.`;
  return `This run has read outside content (${outside}) and private data (${elsewhere.join(', ')}): this could send what was read from ${elsewhere.join(', ')} to ${server}.`;
}

function named(names: ReadonlySet<string>): string {
  const [...all] = names;
  return all.length <= 3 ? all.join(', ') : `${all.slice(0, 3).join(', ')} and ${all.length - 3} more`;
}
