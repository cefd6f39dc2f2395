import type { Effect, ToolAnnotations } from '../catalog/source.js';
import type { JsonSchema } from '../json.js';

export interface ToolToDeclare {
  /** The tool's own name. */
  readonly name: string;
  /** Its member on the server's global. */
  readonly member: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  /** The shape of results seen, where there is no output schema. */
  readonly inferredOutput?: { readonly schema: JsonSchema; readonly results: number };
  readonly annotations?: ToolAnnotations;
  readonly effect?: Effect;
}

export interface ServerToDeclare {
  /** Name of the global. */
  readonly namespace: string;
  readonly title?: string;
  readonly instructions?: string;
  /** What stands for a result nobody described; `Unchecked`, which the checker declares, if left out. */
  readonly unchecked?: string;
  readonly tools: readonly ToolToDeclare[];
}

export interface ServerDeclarations {
  /** Text of a declaration file. */
  readonly text: string;
  /** Type expressions, valid after `text`: what each tool takes, in the order of the tools. */
  readonly inputs: readonly string[];
  /** … and what each returns. */
  readonly outputs: readonly string[];
}

/** Everything a script may call on one server, as one global. */
export function declareServer(server: ServerToDeclare): ServerDeclarations {
  return {
    text: declareTools(server, server.tools.map(({ member }) => member)),
    inputs: server.tools.map(({ member }) => `Parameters<typeof ${server.namespace}.${member}>[0]`),
    outputs: server.tools.map(({ member }) => `Awaited<ReturnType<typeof ${server.namespace}.${member}>>`),
  };
}

/** Declarations of some tools of a server, with the types they need and nothing else. */
export function declareTools(server: ServerToDeclare, members: readonly string[]): string {
  const wanted = new Set(members);
  const lines = server.tools.filter(({ member }) => wanted.has(member)).map(({ member }) => `${member}(args: any): Promise<Unchecked>;`);
  return `declare const ${server.namespace}: {\n${lines.join('\n')}\n}\n`;
}

/** One line, without docs: `create_issue(args: { title: string; body?: string }): Promise<Issue>`. */
export function signature(server: ServerToDeclare, member: string): string {
  return `${server.namespace}.${member}(args: any): Promise<Unchecked>`;
}
