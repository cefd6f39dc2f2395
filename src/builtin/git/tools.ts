import type { ToolDescription } from '../../catalog/source.js';
import type { JsonObject } from '../../json.js';

const object = (properties: JsonObject, required: readonly string[] = Object.keys(properties)): JsonObject => ({ type: 'object', properties, required, additionalProperties: false });
const array = (items: JsonObject, description?: string): JsonObject => ({ type: 'array', items, ...(description === undefined ? {} : { description }) });
const text = (description?: string): JsonObject => ({ type: 'string', ...(description === undefined ? {} : { description }) });
const flag = (description: string): JsonObject => ({ type: 'boolean', default: false, description });
const count = (description: string, more: JsonObject = {}): JsonObject => ({ type: 'integer', minimum: 1, description, ...more });

const repository = text("Folder's name, or a path inside the repository; needed only where there are several.");
const ref = text('Commit, branch or tag, such as `HEAD~2`.');
const path = text('Relative to the workspace folder, `/`-separated; in a multi-root workspace it begins with the folder\'s name.');
const paths = array({ type: 'string' }, 'Files or folders, written as in `repo`.');
const reads = { effect: 'read', annotations: { readOnlyHint: true, openWorldHint: false } } as const;
const stages = { effect: 'staged', annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false } } as const;
const acts = { effect: 'write', annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: false } } as const;
const sends = { effect: 'outward', annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true } } as const;

const change: JsonObject = { enum: ['unmodified', 'added', 'modified', 'deleted', 'renamed', 'typeChanged', 'conflicted', 'untracked'] };
const commit = object({
  sha: text(),
  author: text(),
  email: text(),
  date: text('ISO 8601.'),
  subject: text('First line of the message.'),
  body: text('The rest of the message.'),
  staged: { type: 'boolean', description: 'Waits for Apply, which makes it anew with another sha.' },
});
const changedFile = object(
  { path: text(), change: { enum: ['added', 'modified', 'deleted', 'renamed', 'typeChanged'] }, from: text('Its path before a rename.'), insertions: { type: 'integer' }, deletions: { type: 'integer' }, binary: { type: 'boolean' } },
  ['path', 'change', 'insertions', 'deletions', 'binary'],
);
const diff = { text: text('Unified diff.'), truncated: { type: 'boolean', description: 'The text was cut at 1 MB; `files` is whole.' }, files: array(changedFile) };
const changedStatus = object(
  {
    path: text(),
    from: text('Its path before a rename.'),
    index: { ...change, description: 'Index against HEAD.' },
    workingTree: { ...change, description: 'Working tree against the index.' },
    staged: { type: 'boolean', description: "This conversation edited it; else the change is the developer's own." },
  },
  ['path', 'index', 'workingTree', 'staged'],
);
const stagedFiles = object({ staged: { const: true }, files: array({ type: 'string' }), repository: text() });
const ran = object({ output: text('What git said.') });

/** Git as tools. Reads see staged edits and commits; what can be staged is. */
export const gitTools: readonly ToolDescription[] = [
  {
    name: 'status',
    description: 'Branch, upstream and every changed file, staged edits and commits included.',
    inputSchema: object({ repository }, []),
    outputSchema: object({
      repository: text('Its name, for `repository`.'),
      branch: { type: ['string', 'null'], description: 'null when HEAD is detached.' },
      head: { type: ['string', 'null'], description: 'null before the first commit.' },
      upstream: { type: ['string', 'null'] },
      ahead: { type: 'integer', description: 'Commits the upstream lacks; staged ones count.' },
      behind: { type: 'integer' },
      inProgress: { enum: ['merge', 'rebase', 'cherry-pick', 'revert', 'bisect', null], description: 'What the developer is in the middle of; nothing can be committed then.' },
      stagedCommits: { type: 'integer', description: 'Commits that wait for Apply.' },
      files: array(changedStatus),
    }),
    ...reads,
  },
  {
    name: 'diff',
    description: 'What differs: by default the working tree, staged edits and new files included, from the index; with `staged` the index from HEAD; with `from` the working tree, or `to`, from that commit.',
    inputSchema: object({ repository, paths, staged: flag('Index against HEAD.'), from: ref, to: ref, contextLines: { type: 'integer', minimum: 0, maximum: 1000, default: 3 } }, []),
    outputSchema: object(diff),
    ...reads,
  },
  {
    name: 'log',
    description: 'Commits, newest first, staged ones included.',
    inputSchema: object({ repository, ref: { ...ref, default: 'HEAD', description: 'Where to begin, or a range such as `main..HEAD`.' }, paths, limit: count('Most commits to return.', { default: 20, maximum: 1000 }), skip: { type: 'integer', minimum: 0, default: 0 } }, []),
    outputSchema: object({ commits: array(commit), truncated: { type: 'boolean', description: 'There are older ones.' } }),
    ...reads,
  },
  {
    name: 'show',
    description: 'One commit and what it changed. `readFile` gives a file as a commit holds it.',
    inputSchema: object({ repository, ref: { ...ref, default: 'HEAD' }, paths }, []),
    outputSchema: object({ commit, ...diff }),
    ...reads,
  },
  {
    name: 'readFile',
    description: 'Text of a file as a commit holds it.',
    inputSchema: object({ path, ref: { ...ref, default: 'HEAD' } }, ['path']),
    outputSchema: object({ path: text(), sha: text('The commit.'), text: text() }),
    ...reads,
  },
  {
    name: 'blame',
    description: 'Who last changed each line of a file, staged edits included.',
    inputSchema: object({ path, startLine: count('First line, 1-based.'), endLine: count('Last line, included.') }, ['path']),
    outputSchema: object({
      lines: array(object({ line: { type: 'integer', description: '1-based.' }, sha: { type: ['string', 'null'], description: 'null where the line is not committed.' }, author: text('Empty where the line is not committed.'), date: text('ISO 8601.'), text: text() })),
    }),
    ...reads,
  },
  {
    name: 'branches',
    description: 'Branches, the most recently committed first, staged ones included.',
    inputSchema: object({ repository, remote: flag('Remote-tracking branches instead of local ones.') }, []),
    outputSchema: object({ current: { type: ['string', 'null'], description: 'null when HEAD is detached.' }, branches: array(object({ name: text(), sha: text(), subject: text(), date: text('ISO 8601.'), upstream: { type: ['string', 'null'] } })) }),
    ...reads,
  },
  {
    name: 'createBranch',
    description: 'Stages a new branch at HEAD. With `switch`, later commits go to it.',
    inputSchema: object({ name: text('Its name, without `refs/heads/`.'), switch: flag('Make it the current branch.'), repository }, ['name']),
    outputSchema: object({ staged: { const: true }, name: text(), switch: { type: 'boolean' }, repository: text() }),
    ...stages,
  },
  {
    name: 'stage',
    description: 'Stages entries of the index, as `git add` would make them. `commit` also takes paths, so this is needed only to leave changes in the index.',
    inputSchema: object({ paths, repository }, ['paths']),
    outputSchema: stagedFiles,
    ...stages,
  },
  {
    name: 'unstage',
    description: 'Stages entries of the index as HEAD has them, as `git restore --staged` would.',
    inputSchema: object({ paths, repository }, ['paths']),
    outputSchema: stagedFiles,
    ...stages,
  },
  {
    name: 'commit',
    description:
      'Stages a commit. It is made, with hooks and signing, when the developer applies the changes; there is no sha before. It holds `paths`; or with `all` every file this conversation edited; with neither, what `stage` was told, else as with `all`. To commit what the developer changed, name it in `paths`.',
    inputSchema: object({ message: { ...text('Subject line; a blank line and the body may follow.'), minLength: 1 }, paths, all: flag('Every file this conversation edited.'), repository }, ['message']),
    outputSchema: object({ staged: { const: true }, message: text(), files: array({ type: 'string' }), repository: text() }),
    ...stages,
  },
  {
    name: 'switchBranch',
    description: 'Switches the working tree to another branch, now. Refused while anything is staged, and by git where changes would be lost.',
    inputSchema: object({ name: text('An existing branch.'), repository }, ['name']),
    outputSchema: ran,
    ...acts,
  },
  {
    name: 'stash',
    description: "Puts the developer's uncommitted changes away, or brings the last ones back, now. Refused while anything is staged.",
    inputSchema: object({ action: { enum: ['push', 'pop'], default: 'push' }, message: text('What the stash is called.'), includeUntracked: flag('Untracked files too.'), repository }, []),
    outputSchema: ran,
    ...acts,
  },
  {
    name: 'push',
    description: 'Pushes a branch to a configured remote, now; never by force. Refused while anything is staged.',
    inputSchema: object({ remote: text('Its name; that of the branch, else `origin`, if left out.'), branch: text('A local branch; the current one if left out.'), setUpstream: flag('Let the branch follow the remote one.'), repository }, []),
    outputSchema: ran,
    ...sends,
  },
];
