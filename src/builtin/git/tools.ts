import type { ToolDescription } from '../../catalog/source.js';
import type { JsonObject } from '../../json.js';

const object = (properties: JsonObject, required: readonly string[] = Object.keys(properties)): JsonObject => ({ type: 'object', properties, required, additionalProperties: false });
const array = (items: JsonObject): JsonObject => ({ type: 'array', items });
const text = (description: string): JsonObject => ({ type: 'string', description });
const count = (description: string, more: JsonObject = {}): JsonObject => ({ type: 'integer', minimum: 1, description, ...more });

const repository = text("Folder's name, or a path inside the repository; needed only where there are several.");
const paths = { ...array({ type: 'string' }), description: 'Files or folders, relative to the workspace folder.' };
const ref = text('Commit, branch or tag.');
const reads = { effect: 'read', annotations: { readOnlyHint: true, openWorldHint: false } } as const;
const stages = { effect: 'staged', annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false } } as const;
const acts = { effect: 'write', annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: false } } as const;
const sends = { effect: 'outward', annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true } } as const;

const change = object({ path: { type: 'string' }, change: { enum: ['added', 'modified', 'deleted', 'renamed', 'typeChanged', 'conflicted'] }, from: text('Its path before a rename.') }, ['path', 'change']);
const commit = object({ sha: { type: 'string' }, author: { type: 'string' }, date: text('ISO 8601.'), subject: { type: 'string' }, body: { type: 'string' }, parents: array({ type: 'string' }) });
const stagedFiles = object({ staged: { const: true }, files: array({ type: 'string' }), repository: { type: 'string' } });
const done = object({ output: text('What git said.') });

/** Git, seen through the change set, as tools. */
export const gitTools: readonly ToolDescription[] = [
  {
    name: 'status',
    description: 'Branch and changed files, staged edits and commits of this conversation included.',
    inputSchema: object({ repository }, []),
    outputSchema: object(
      {
        repository: { type: 'string' },
        branch: { type: ['string', 'null'], description: 'null when HEAD is detached.' },
        upstream: text('The branch it follows.'),
        ahead: { type: 'integer' },
        behind: { type: 'integer' },
        index: { ...array(change), description: 'What the next commit holds.' },
        workingTree: { ...array(change), description: 'Changed and not in the index.' },
        untracked: array({ type: 'string' }),
        conflicted: array({ type: 'string' }),
        inProgress: { enum: ['merge', 'rebase', 'cherry-pick', 'revert', 'bisect'], description: 'What the developer is in the middle of.' },
        stagedCommits: { type: 'integer', description: 'Commits that wait for review.' },
      },
      ['repository', 'branch', 'index', 'workingTree', 'untracked', 'conflicted', 'stagedCommits'],
    ),
    ...reads,
  },
  {
    name: 'diff',
    description: 'Unified diff: of the working tree against HEAD, of the index with `staged`, or between two commits.',
    inputSchema: object({ paths, staged: { type: 'boolean', default: false }, from: ref, to: ref, contextLines: { type: 'integer', minimum: 0, maximum: 100, default: 3 }, repository }, []),
    outputSchema: object({ text: { type: 'string' }, files: array(object({ path: { type: 'string' }, insertions: { type: ['integer', 'null'], description: 'null for a binary file.' }, deletions: { type: ['integer', 'null'] } })) }),
    ...reads,
  },
  {
    name: 'log',
    description: 'Commits, newest first.',
    inputSchema: object({ paths, ref, limit: count('Most commits to return.', { default: 50, maximum: 10_000 }), repository }, []),
    outputSchema: object({ commits: array(commit), truncated: { type: 'boolean' } }),
    ...reads,
  },
  {
    name: 'show',
    description: 'A commit with its diff, or with `path` the text of a file as it was in it.',
    inputSchema: object({ ref, path: text('File, relative to the workspace folder.'), repository }, ['ref']),
    outputSchema: { anyOf: [object({ commit, diff: { type: 'string' } }), object({ path: { type: 'string' }, text: { type: 'string' } })] },
    ...reads,
  },
  {
    name: 'blame',
    description: 'Who last changed each line of a file.',
    inputSchema: object({ path: text('File, relative to the workspace folder.'), startLine: count('First line, 1-based.'), endLine: count('Last line, included.') }, ['path']),
    outputSchema: object({ lines: array(object({ line: { type: 'integer' }, sha: { type: 'string' }, author: { type: 'string' }, date: text('ISO 8601.'), subject: { type: 'string' }, text: { type: 'string' } })) }),
    ...reads,
  },
  {
    name: 'branches',
    description: 'Local branches, and with `remote` those of remotes.',
    inputSchema: object({ remote: { type: 'boolean', default: false }, repository }, []),
    outputSchema: object({ branches: array(object({ name: { type: 'string' }, sha: { type: 'string' }, current: { type: 'boolean' }, upstream: { type: 'string' } }, ['name', 'sha', 'current'])) }),
    ...reads,
  },
  {
    name: 'createBranch',
    description: 'Stages a new branch at HEAD; with `switch` the commits that follow go there.',
    inputSchema: object({ name: text('Name of the branch.'), switch: { type: 'boolean', default: false }, repository }, ['name']),
    outputSchema: object({ staged: { const: true }, name: { type: 'string' }, repository: { type: 'string' } }),
    ...stages,
  },
  { name: 'stage', description: 'Puts files into what the next staged commit holds.', inputSchema: object({ paths, repository }, ['paths']), outputSchema: stagedFiles, ...stages },
  { name: 'unstage', description: 'Takes files out of what the next staged commit holds.', inputSchema: object({ paths, repository }, ['paths']), outputSchema: stagedFiles, ...stages },
  {
    name: 'commit',
    description:
      'Stages a commit of `paths`; or with `all` of every file edited in this conversation; with neither, of what `stage` was told, or else as with `all`. It has no SHA before the developer applies it.',
    inputSchema: object({ message: { ...text('Commit message.'), minLength: 1 }, paths, all: { type: 'boolean', default: false }, repository }, ['message']),
    outputSchema: object({ staged: { const: true }, message: { type: 'string' }, files: array({ type: 'string' }), repository: { type: 'string' } }),
    ...stages,
  },
  {
    name: 'switchBranch',
    description: 'Switches the real working tree to a branch. Cannot be staged: it asks, and is refused while anything is staged.',
    inputSchema: object({ name: text('Name of the branch.'), repository }, ['name']),
    outputSchema: done,
    ...acts,
  },
  {
    name: 'stash',
    description: 'Puts the real uncommitted changes aside, or with `pop` brings the last ones back. Cannot be staged: it asks, and is refused while anything is staged.',
    inputSchema: object({ message: text('Says what it is.'), pop: { type: 'boolean', default: false }, includeUntracked: { type: 'boolean', default: false }, repository }, []),
    outputSchema: done,
    ...acts,
  },
  {
    name: 'push',
    description: 'Pushes a branch to a remote. Cannot be staged: it asks, and is refused while anything is staged. Never forces.',
    inputSchema: object({ remote: { ...text('Name of the remote.'), default: 'origin' }, branch: text('The current one if left out.'), setUpstream: { type: 'boolean', default: false }, repository }, []),
    outputSchema: done,
    ...sends,
  },
];
