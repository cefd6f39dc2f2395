import { isCallFailure, type CallContext, type ToolResult, type ToolSource } from '../../catalog/source.js';
import type { GitChange, GitRepository } from '../../catalog/workspace.js';
import type { JsonObject, JsonValue } from '../../json.js';
import { commitFormat, parseBlame, parseCommits, parseNumstat } from './output.js';
import { gitTools } from './tools.js';

/** A refusal that the script gets as a tool error. */
class Refusal extends Error {}

type Handler = (args: JsonObject, context: CallContext) => Promise<JsonValue>;

/** Git as a source: reads see the change set's edits and commits, and what can be staged is. */
export function createGitSource(): ToolSource {
  const never = (): { dispose(): void } => ({ dispose: () => undefined });
  return {
    id: 'git',
    kind: 'builtin',
    title: 'Git',
    instructions: 'Git as the conversation leaves it. Commits and branches are staged: they exist once the developer applies them.',
    definitionHash: 'builtin:git',
    trusted: true,
    state: { kind: 'ready' },
    tools: gitTools,
    onDidChangeTools: never,
    onDidChangeState: never,
    async call(tool, args, context): Promise<ToolResult> {
      const handler = handlers[tool];
      if (handler === undefined) return { ok: false, message: `git has no tool "${tool}".` };
      try {
        return { ok: true, value: await handler(args, context) };
      } catch (error) {
        if (isCallFailure(error) || context.signal.aborted) throw error;
        return { ok: false, message: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

const handlers: Readonly<Record<string, Handler>> = {
  async status(args, context) {
    const repository = await repositoryOf(args, context);
    const snapshot = await context.workspace.git.snapshot(repository.root, context.signal);
    const shown = (path: string): string => displayed(context, repository, path);
    const changes = (list: readonly GitChange[]): JsonValue => list.map((change) => compact({ path: shown(change.path), change: change.change, from: change.from === undefined ? undefined : shown(change.from) }));
    return compact({
      repository: repository.name,
      branch: snapshot.branch ?? null,
      upstream: snapshot.upstream?.name,
      ahead: snapshot.upstream?.ahead,
      behind: snapshot.upstream?.behind,
      index: changes(snapshot.index),
      workingTree: changes(snapshot.workingTree),
      untracked: snapshot.untracked.map(shown),
      conflicted: snapshot.conflicted.map(shown),
      inProgress: snapshot.inProgress,
      stagedCommits: snapshot.stagedCommits,
    });
  },

  async diff(args, context) {
    const repository = await repositoryOf(args, context);
    const [from, to] = [optional(args, 'from'), optional(args, 'to')];
    let range: readonly string[];
    if (from !== undefined) range = [reference(from), reference(to ?? 'HEAD')];
    else if (to !== undefined) throw new Refusal('`to` needs a `from`.');
    else {
      const { trees } = await context.workspace.git.snapshot(repository.root, context.signal);
      range = [trees.head, args['staged'] === true ? trees.index : trees.workingTree];
    }
    const unified = typeof args['contextLines'] === 'number' ? args['contextLines'] : 3;
    const files = pathspecs(args, context, repository);
    const base = ['diff-tree', '-r', '-M', '--no-ext-diff', '--no-textconv', '--no-color'];
    const text = await git(context, repository, [...base, '-p', `-U${unified}`, '--end-of-options', ...range, '--', ...files]);
    const numbers = await git(context, repository, [...base, '--numstat', '-z', '--end-of-options', ...range, '--', ...files]);
    return { text, files: parseNumstat(numbers).map((file) => ({ ...file, path: displayed(context, repository, file.path) })) };
  },

  async log(args, context) {
    const repository = await repositoryOf(args, context);
    const limit = typeof args['limit'] === 'number' ? args['limit'] : 50;
    if (optional(args, 'ref') === undefined && (await context.workspace.git.snapshot(repository.root, context.signal)).head === undefined) return { commits: [], truncated: false };
    const out = await git(context, repository, ['log', `--max-count=${limit + 1}`, commitFormat, '--end-of-options', reference(optional(args, 'ref') ?? 'HEAD'), '--', ...pathspecs(args, context, repository)]);
    const commits = parseCommits(out);
    return { commits: commits.slice(0, limit).map((commit) => ({ ...commit })), truncated: commits.length > limit };
  },

  async show(args, context): Promise<JsonObject> {
    const ref = reference(string(args, 'ref'));
    const path = optional(args, 'path');
    if (path === undefined) {
      const repository = await repositoryOf(args, context);
      const [commit] = parseCommits(await git(context, repository, ['log', '--max-count=1', commitFormat, '--end-of-options', ref, '--']));
      if (commit === undefined) throw new Refusal(`There is no commit "${ref}".`);
      const diff = await git(context, repository, ['diff-tree', '-p', '-r', '-M', '--root', '--cc', '--no-commit-id', '--no-ext-diff', '--no-textconv', '--no-color', '--end-of-options', commit.sha]);
      return { commit: { ...commit }, diff };
    }
    const repository = await context.workspace.git.repository(optional(args, 'repository') ?? path);
    const text = await git(context, repository, ['cat-file', '-p', `${ref}:${inRepository(context, repository, path)}`]);
    if (text.includes('\u0000')) throw new Refusal(`'${path}' is a binary file in ${ref}.`);
    return { path, text };
  },

  async blame(args, context) {
    const path = string(args, 'path');
    const repository = await context.workspace.git.repository(path);
    const start = args['startLine'];
    const end = args['endLine'];
    const lines = start === undefined && end === undefined ? [] : ['-L', `${typeof start === 'number' ? start : 1},${typeof end === 'number' ? end : ''}`];
    const head = await context.workspace.git.snapshot(repository.root, context.signal);
    if (head.head === undefined) throw new Refusal('The repository has no commits yet: there is nobody to name.');
    const out = await git(context, repository, ['blame', '--line-porcelain', ...lines, 'HEAD', '--', inRepository(context, repository, path)]);
    return { lines: parseBlame(out).map((line) => ({ ...line })) };
  },

  async branches(args, context) {
    const repository = await repositoryOf(args, context);
    const places = args['remote'] === true ? ['refs/heads', 'refs/remotes'] : ['refs/heads'];
    const out = await git(context, repository, ['for-each-ref', '--format=%(refname:short)%00%(objectname)%00%(HEAD)%00%(upstream:short)', ...places]);
    const branches = out.split('\n').filter((line) => line !== '').map((line) => {
      const [name = '', sha = '', current = '', upstream = ''] = line.split('\0');
      return compact({ name, sha, current: current === '*', upstream: upstream || undefined });
    });
    return { branches };
  },

  async createBranch(args, context) {
    const repository = await repositoryOf(args, context);
    const name = reference(string(args, 'name'));
    await context.workspace.git.createBranch(repository.root, name, { switch: args['switch'] === true });
    return { staged: true, name, repository: repository.name };
  },

  async stage(args, context) {
    const repository = await repositoryOf(args, context);
    const { files } = await context.workspace.git.stage(repository.root, strings(args, 'paths'));
    return { staged: true, files, repository: repository.name };
  },

  async unstage(args, context) {
    const repository = await repositoryOf(args, context);
    const { files } = await context.workspace.git.unstage(repository.root, strings(args, 'paths'));
    return { staged: true, files, repository: repository.name };
  },

  async commit(args, context) {
    const repository = await repositoryOf(args, context);
    const message = string(args, 'message');
    if (message.trim() === '') throw new Refusal('The commit message is empty: say what the commit does.');
    const paths = args['paths'] === undefined ? undefined : strings(args, 'paths');
    const { files } = await context.workspace.git.commit(repository.root, { message, paths, all: args['all'] === true });
    return { staged: true, message, files, repository: repository.name };
  },

  async switchBranch(args, context) {
    return perform(args, context, ['switch', '--no-guess', reference(string(args, 'name'))]);
  },

  async stash(args, context) {
    if (args['pop'] === true) return perform(args, context, ['stash', 'pop']);
    const message = optional(args, 'message');
    return perform(args, context, ['stash', 'push', ...(args['includeUntracked'] === true ? ['--include-untracked'] : []), ...(message === undefined ? [] : [`--message=${message}`])]);
  },

  async push(args, context) {
    const repository = await repositoryOf(args, context);
    const branch = optional(args, 'branch') ?? (await context.workspace.git.snapshot(repository.root, context.signal)).branch;
    if (branch === undefined) throw new Refusal('HEAD is detached: name the branch to push.');
    // A full refname can be neither an option nor a forced or deleting refspec.
    const full = `refs/heads/${plainBranch(branch)}`;
    return perform(args, context, ['push', ...(args['setUpstream'] === true ? ['--set-upstream'] : []), '--', remoteName(optional(args, 'remote') ?? 'origin'), `${full}:${full}`]);
  },
};

async function perform(args: JsonObject, context: CallContext, command: readonly string[]): Promise<JsonValue> {
  const repository = await repositoryOf(args, context);
  const { stdout, stderr, code } = await context.workspace.git.perform(repository.root, command, context.signal);
  const output = [stdout.trim(), stderr.trim()].filter((part) => part !== '').join('\n');
  if (code !== 0) throw new Refusal(`git ${command[0]} failed: ${output || `exit code ${code}`}`);
  return { output };
}

async function git(context: CallContext, repository: GitRepository, args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await context.workspace.git.run(repository.root, args, context.signal);
  if (code !== 0) throw new Refusal(`git ${args[0]} failed: ${stderr.trim() || `exit code ${code}`}`);
  return stdout;
}

function repositoryOf(args: JsonObject, context: CallContext): Promise<GitRepository> {
  return context.workspace.git.repository(optional(args, 'repository'));
}

function displayed(context: CallContext, repository: GitRepository, path: string): string {
  return context.workspace.git.display(repository.root, path) ?? path;
}

/** A display path as git names it inside the repository. */
function inRepository(context: CallContext, repository: GitRepository, path: string): string {
  const absolute = context.workspace.resolve(path).absolute.replaceAll('\\', '/');
  const root = repository.root.replaceAll('\\', '/').replace(/\/$/, '');
  if (absolute !== root && !absolute.startsWith(`${root}/`)) throw new Refusal(`'${path}' is not in the repository ${repository.name}.`);
  return absolute.slice(root.length + 1);
}

/** Literal pathspecs: a path never means a pattern. */
function pathspecs(args: JsonObject, context: CallContext, repository: GitRepository): readonly string[] {
  if (args['paths'] === undefined) return [];
  return strings(args, 'paths').map((path) => {
    const inside = inRepository(context, repository, path);
    return inside === '' ? ':(top)' : `:(top,literal)${inside}`;
  });
}

/** A revision that cannot be taken for an option, whatever git makes of it. */
function reference(name: string): string {
  if (name.startsWith('-') || name === '' || /[\s\u0000-\u001f]/.test(name)) throw new Refusal(`"${name}" cannot name a commit or branch.`);
  return name;
}

function plainBranch(name: string): string {
  if (!/^[^\s:~^?*[\\\u0000-\u001f]+$/.test(name) || name.startsWith('-') || name.includes('..')) throw new Refusal(`"${name}" is not the name of a branch.`);
  return name;
}

/** Only a configured name: a URL would let a script choose where the code goes. */
function remoteName(name: string): string {
  if (!/^[\w.][\w./-]*$/.test(name) || name.includes('..')) throw new Refusal(`"${name}" is not the name of a remote.`);
  return name;
}

function compact(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
}

function string(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') throw new Refusal(`"${name}" must be a string.`);
  return value;
}

function optional(args: JsonObject, name: string): string | undefined {
  return args[name] === undefined ? undefined : string(args, name);
}

function strings(args: JsonObject, name: string): readonly string[] {
  const value = args[name];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw new Refusal(`"${name}" must be a list of strings.`);
  return value;
}
