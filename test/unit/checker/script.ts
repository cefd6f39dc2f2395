import path from 'node:path';
import { createRequire } from 'node:module';
import type { CheckResult, TypingsFile } from '../../../src/checker/checker.js';
import { Engine } from '../../../src/checker/engine.js';
import type { CheckerGlobals } from '../../../src/checker/protocol.js';

export const libDirectory = path.dirname(createRequire(import.meta.url).resolve('typescript'));

export const globals: CheckerGlobals = {
  removed: ['eval', 'Function', 'SharedArrayBuffer', 'Atomics'],
  declarations: `
interface Console { log(...values: unknown[]): void; error(...values: unknown[]): void }
declare const console: Console;
declare function setTimeout(callback: () => void, ms?: number): number;
declare const codemode: {
  search(query: string): Promise<{ name: string }[]>;
  describe(names: string | string[]): Promise<string>;
  readonly resources: { list(server?: string): Promise<string[]>; read(server: string, uri: string): Promise<Unchecked> };
  readonly prompts: { get(server: string, name: string, args?: Record<string, string>): Promise<Unchecked> };
};
`,
};

export const typings: readonly TypingsFile[] = [
  {
    namespace: 'github',
    text: `/** GitHub. */
declare namespace github {
  interface CreateIssueInput {
    /** Shown in lists. */
    title: string;
    body?: string;
    labels?: string[];
  }
  interface Issue { number: number; title: string; state: 'open' | 'closed' }
}
declare const github: {
  /** Creates an issue. */
  create_issue(args: github.CreateIssueInput): Promise<github.Issue>;
  list_issues(args: { repo: string; state?: 'open' | 'closed' }): Promise<github.Issue[]>;
  get_me(args?: {}): Promise<Unchecked>;
  /** Nobody has called it yet. */
  search_code(args: { query: string }): Promise<{ total: number; items: Unchecked[] }>;
};
`,
  },
  {
    namespace: 'repo',
    text: `declare const repo: {
  list(args?: { path?: string }): Promise<string[]>;
  read(args: { path: string; startLine?: number }): Promise<{ path: string; text: string }>;
  write(args: { path: string; text: string }): Promise<void>;
  "odd-name"(args: { x: number }): Promise<void>;
};
`,
  },
  { namespace: 'filesystem', text: 'declare const filesystem: { read_file(args: { path: string }): Promise<string>; readonly write_file: (args: { path: string; content: string }) => Promise<void> };\n' },
  { namespace: 'memory', text: 'declare const memory: { add_note(args: { text: string }): Promise<void> };\n' },
];

let engine: Engine | undefined;

/** Checks a script against {@link typings}, without a worker. */
export function check(source: string): CheckResult {
  if (engine === undefined) {
    engine = new Engine(libDirectory, globals);
    engine.setTypings(typings, []);
  }
  return engine.check(source).result;
}

/** `line:column code message`, one a diagnostic. */
export function findings(source: string): string[] {
  return check(source).diagnostics.map(({ line, column, code, message }) => `${String(line)}:${String(column)} ${code} ${message}`);
}

export function errors(source: string): string[] {
  return check(source)
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ line, column, code, message }) => `${String(line)}:${String(column)} ${code} ${message}`);
}

/** `line:column namespace.member literals [loop]`, one a place. */
export function reach(source: string): string[] {
  return check(source).reach.entries.map(
    ({ line, column, namespace, member, literals, inLoop }) =>
      `${String(line)}:${String(column)} ${namespace}.${member}${literals === undefined ? '' : ` ${JSON.stringify(literals)}`}${inLoop ? ' loop' : ''}`,
  );
}

export function dynamic(source: string): string[] {
  return check(source).reach.dynamic.map(({ line, column, namespace }) => `${String(line)}:${String(column)} ${namespace ?? '?'}`);
}
