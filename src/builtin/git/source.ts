import { isCallFailure, type CallContext, type ToolResult, type ToolSource } from '../../catalog/source.js';
import type { JsonObject, JsonValue } from '../../json.js';
import { blame, branches, diff, log, readFile, show, status } from './reading.js';
import { Request } from './request.js';
import { commit, createBranch, push, stage, stash, switchBranch, unstage } from './changing.js';
import { gitTools } from './tools.js';

type Handler = (request: Request) => Promise<JsonValue>;

const handlers: Readonly<Record<string, Handler>> = { status, diff, log, show, readFile, blame, branches, createBranch, stage, unstage, commit, switchBranch, stash, push };

/** Git as a source: reads see what the conversation has staged, and changes are staged where git allows it. */
export function createGitSource(): ToolSource {
  const never = (): { dispose(): void } => ({ dispose: () => undefined });
  return {
    id: 'git',
    kind: 'builtin',
    title: 'Git',
    instructions: 'The git repositories of the workspace. Commits and branches are staged: later reads see them, the repository does not change before the developer applies them.',
    definitionHash: 'builtin:git',
    trusted: true,
    state: { kind: 'ready' },
    tools: gitTools,
    onDidChangeTools: never,
    onDidChangeState: never,
    async call(tool, args: JsonObject, context: CallContext): Promise<ToolResult> {
      const handler = Object.hasOwn(handlers, tool) ? handlers[tool] : undefined;
      if (handler === undefined) return { ok: false, message: `git has no tool "${tool}".` };
      try {
        return { ok: true, value: await handler(new Request(args, context)) };
      } catch (error) {
        if (isCallFailure(error) || context.signal.aborted) throw error;
        return { ok: false, message: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
