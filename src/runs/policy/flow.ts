import type { Effect, SourceKind, ToolAnnotations, ToolRef } from '../../catalog/source.js';
import { globMatches } from './match.js';

/** What the developer says that tools read, whatever the tools say: globs of `server` or `server.tool`, in original names. */
export interface FlowMarks {
  readonly outside: readonly string[];
  readonly private: readonly string[];
}

/** The marks as they bear on one tool. */
export interface ToolMarks {
  readonly outside: boolean;
  readonly private: boolean;
}

export const noMarks: FlowMarks = { outside: [], private: [] };

export function marksOf(ref: ToolRef, marks: FlowMarks): ToolMarks {
  const isNamed = (patterns: readonly string[]): boolean => patterns.some((pattern) => globMatches(pattern, ref.source) || globMatches(pattern, `${ref.source}.${ref.name}`));
  return { outside: isNamed(marks.outside), private: isNamed(marks.private) };
}

/** What a run has read so far, as far as it bears on what it may send. */
export interface Flow {
  /** Tools that brought strangers' content, as scripts write them. */
  readonly outside: ReadonlySet<string>;
  /** Sources that gave private data. */
  readonly private: ReadonlySet<string>;
}

export class RunFlow implements Flow {
  readonly outside = new Set<string>();
  readonly private = new Set<string>();

  /** Notes what an answered call may have brought into the run, and says it. */
  answered(call: { readonly label: string; readonly ref: ToolRef; readonly effect: Effect; readonly helper: boolean } & Parameters<typeof readsOutside>[0]): ToolMarks {
    if (call.helper) return { outside: false, private: false };
    const outside = readsOutside(call);
    const isPrivate = call.marks.private || (!outside && readsPrivate(call.effect));
    if (outside) this.outside.add(call.label);
    if (isPrivate) this.private.add(call.ref.source);
    return { outside, private: isPrivate };
  }
}

/** Whether a tool reads an open world of strangers: it or the developer says so explicitly. */
export function readsOutside(tool: { readonly annotations?: ToolAnnotations; readonly sourceKind: SourceKind; readonly marks: ToolMarks }): boolean {
  return tool.marks.outside || (tool.sourceKind !== 'builtin' && tool.annotations?.openWorldHint === true);
}

/** What is not of strangers is the developer's own. */
function readsPrivate(effect: Effect): boolean {
  return effect === 'read' || effect === 'unknown';
}

/** What a run that has seen strangers' content could carry where, with a call to `to`. */
export interface Leak {
  /** Tools that brought strangers' content. */
  readonly outside: readonly string[];
  /** Sources of private data other than where it would go; empty when the run may only have been steered. */
  readonly from: readonly string[];
  readonly to: string;
}

/** Undefined where nothing that the run has seen bears on a call to `server`. */
export function leakOf(flow: Flow | undefined, server: string): Leak | undefined {
  if (flow === undefined || flow.outside.size === 0) return undefined;
  return { outside: [...flow.outside], from: [...flow.private].filter((source) => source !== server), to: server };
}

export function leakText({ outside, from, to }: Leak): string {
  const seen = `This run has read outside content (${named(outside)})`;
  if (from.length === 0) return `${seen}, which may have steered it.`;
  return `${seen} and private data (${from.join(', ')}): this could send what was read from ${from.join(', ')} to ${to}.`;
}

function named(all: readonly string[]): string {
  return all.length <= 3 ? all.join(', ') : `${all.slice(0, 3).join(', ')} and ${all.length - 3} more`;
}
