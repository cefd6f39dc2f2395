import path from 'node:path';
import type { GitChange } from '../../catalog/workspace.js';
import type { JsonObject, JsonValue } from '../../json.js';
import { commitFormat, parseBlame, parseChanges, parseCommits, parseNumstat } from './output.js';
import { Refusal, type Request } from './request.js';

const longestDiff = 1_000_000;
const plainDiff = ['--no-color', '--no-ext-diff', '--no-textconv', '--src-prefix=a/', '--dst-prefix=b/', '-M', '--ignore-submodules=dirty'] as const;

export async function status(request: Request): Promise<JsonValue> {
  const { root, name } = await request.repository();
  const snapshot = await request.git.snapshot(root, request.context.signal);
  const edited = new Set(request.context.workspace.staged().flatMap((edit) => (edit.from === undefined ? [edit.path] : [edit.path, edit.from])));
  const files = new Map<string, { path: string; from?: string; index: string; workingTree: string; staged: boolean }>();
  const at = (file: string) => {
    const display = request.git.display(root, file);
    if (display === undefined) return undefined;
    const known = files.get(display) ?? { path: display, index: 'unmodified', workingTree: 'unmodified', staged: edited.has(display) };
    files.set(display, known);
    return known;
  };
  const note = (side: 'index' | 'workingTree', change: GitChange) => {
    const file = at(change.path);
    if (file === undefined) return;
    file[side] = change.change;
    const from = change.from === undefined ? undefined : request.git.display(root, change.from);
    if (from !== undefined) file.from = from;
  };
  for (const change of snapshot.index) note('index', change);
  for (const change of snapshot.workingTree) note('workingTree', change);
  for (const file of snapshot.untracked) {
    const known = at(file);
    if (known !== undefined) known.workingTree = 'untracked';
  }
  for (const file of snapshot.conflicted) {
    const known = at(file);
    if (known !== undefined) known.index = known.workingTree = 'conflicted';
  }
  return {
    repository: name,
    branch: snapshot.branch ?? null,
    head: snapshot.head ?? null,
    upstream: snapshot.upstream?.name ?? null,
    ahead: snapshot.upstream?.ahead ?? 0,
    behind: snapshot.upstream?.behind ?? 0,
    inProgress: snapshot.inProgress ?? null,
    stagedCommits: snapshot.stagedCommits.length,
    files: [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

export async function diff(request: Request): Promise<JsonValue> {
  const { root } = await request.repository();
  const [from, to] = [request.optional('from'), request.optional('to')];
  if (to !== undefined && from === undefined) throw new Refusal('"to" needs "from": say what to compare it with.');
  if (request.flag('staged') && from !== undefined) throw new Refusal('"staged" compares the index with HEAD: leave "from" out.');
  if (from !== undefined && to !== undefined) {
    return differences(request, `${await request.commit(request.ref('from'))}^{tree}`, `${await request.commit(request.ref('to'))}^{tree}`);
  }
  const { trees } = await request.git.snapshot(root, request.context.signal);
  if (request.flag('staged')) return differences(request, trees.head, trees.index);
  return differences(request, from === undefined ? trees.index : `${await request.commit(request.ref('from'))}^{tree}`, trees.workingTree);
}

export async function log(request: Request): Promise<JsonValue> {
  const { root } = await request.repository();
  const limit = request.number('limit', 20);
  const ref = request.ref('ref', 'HEAD');
  const range = /^(.*?)(\.\.\.?)(.*)$/.exec(ref);
  const begin = range === null ? await request.commit(ref) : `${await request.commit(range[1] || 'HEAD')}${range[2]}${await request.commit(range[3] || 'HEAD')}`;
  const output = await request.run(['log', '-z', '--no-color', '--no-show-signature', '--no-notes', commitFormat, `--max-count=${limit + 1}`, `--skip=${request.number('skip', 0)}`, '--end-of-options', begin, ...(await separated(request))]);
  const commits = parseCommits(output, new Set(await request.git.stagedCommits(root)));
  return { commits: commits.slice(0, limit), truncated: commits.length > limit };
}

export async function show(request: Request): Promise<JsonValue> {
  const { root } = await request.repository();
  const sha = await request.commit(request.ref('ref', 'HEAD'));
  const output = await request.run(['log', '-z', '--no-color', '--no-show-signature', '--no-notes', commitFormat, '--max-count=1', sha, '--']);
  const commit = parseCommits(output, new Set(await request.git.stagedCommits(root)))[0]!;
  const parent = await request.git.run(root, ['rev-parse', '-q', '--verify', `${sha}^`], request.context.signal);
  const before = parent.code === 0 ? `${parent.stdout.trim()}^{tree}` : (await request.run(['hash-object', '-t', 'tree', '--stdin'])).trim();
  return { commit, ...(await differences(request, before, `${sha}^{tree}`)) };
}

export async function readFile(request: Request): Promise<JsonValue> {
  const { root } = await request.repository();
  const file = request.string('path');
  const name = path.relative(root, request.context.workspace.resolve(file).absolute).split(path.sep).join('/');
  const sha = await request.commit(request.ref('ref', 'HEAD'));
  const kind = await request.git.run(root, ['cat-file', '-t', '--end-of-options', `${sha}:${name}`], request.context.signal);
  if (kind.stdout.trim() !== 'blob') throw new Refusal(`'${file}' is not a file in commit ${sha.slice(0, 10)}.`);
  const size = Number(await request.run(['cat-file', '-s', `${sha}:${name}`]));
  if (size > 10_000_000) throw new Refusal(`'${file}' has ${size} bytes in commit ${sha.slice(0, 10)}: text is read up to 10,000,000.`);
  const text = await request.run(['cat-file', 'blob', `${sha}:${name}`]);
  if (text.slice(0, 8000).includes('\0') || text.includes('\ufffd')) throw new Refusal(`'${file}' is not UTF-8 text in commit ${sha.slice(0, 10)}.`);
  return { path: file, sha, text: text.startsWith('\ufeff') ? text.slice(1) : text };
}

export async function blame(request: Request): Promise<JsonValue> {
  const { root } = await request.repository();
  const file = request.string('path');
  const { absolute } = request.context.workspace.resolve(file);
  const { bytes } = await request.context.workspace.read(file);
  if (bytes.subarray(0, 8000).includes(0)) throw new Refusal(`'${file}' is a binary file: it has no lines.`);
  const [start, end] = [request.number('startLine', 1), request.optionalNumber('endLine')];
  const range = [`-L${start},${end ?? ''}`];
  const answer = await request.git.blame(root, path.relative(root, absolute).split(path.sep).join('/'), bytes, range, request.context.signal);
  if (answer.code !== 0) {
    const said = answer.stderr.trim().replace(/^(fatal|error): /gm, '');
    throw new Refusal(/no such path|no such ref|cannot find/i.test(said) ? `'${file}' is in no commit yet, so nobody can be named for its lines.` : said);
  }
  return { lines: parseBlame(answer.stdout) };
}

export async function branches(request: Request): Promise<JsonValue> {
  const current = await request.git.run((await request.repository()).root, ['symbolic-ref', '-q', '--short', 'HEAD'], request.context.signal);
  const output = await request.run(['for-each-ref', '--sort=-committerdate', '--format=%(refname:short)%00%(objectname)%00%(contents:subject)%00%(committerdate:iso-strict)%00%(upstream:short)', request.flag('remote') ? 'refs/remotes/' : 'refs/heads/']);
  const found = output.split('\n').filter(Boolean).map((line): JsonObject => {
    const [name = '', sha = '', subject = '', date = '', upstream = ''] = line.split('\0');
    return { name, sha, subject, date, upstream: upstream === '' ? null : upstream };
  });
  return { current: current.code === 0 ? current.stdout.trim() : null, branches: found };
}

async function differences(request: Request, from: string, to: string): Promise<JsonObject> {
  const { root } = await request.repository();
  const paths = await request.pathspec();
  const tree = ['diff-tree', '-r', ...plainDiff];
  const [names, numbers, patch] = [
    await request.run([...tree, '--name-status', '-z', from, to, ...paths]),
    await request.run([...tree, '--numstat', '-z', from, to, ...paths]),
    await request.run([...tree, '-p', `-U${request.number('contextLines', 3)}`, from, to, ...paths]),
  ];
  const counts = parseNumstat(numbers);
  return {
    text: patch.length > longestDiff ? patch.slice(0, patch.lastIndexOf('\n', longestDiff) + 1) : patch,
    truncated: patch.length > longestDiff,
    files: parseChanges(names).map((file) => ({
      path: request.git.display(root, file.path) ?? file.path,
      change: file.change,
      ...(file.from === undefined ? {} : { from: request.git.display(root, file.from) ?? file.from }),
      ...(counts.get(file.path) ?? { insertions: 0, deletions: 0, binary: false }),
    })),
  };
}

async function separated(request: Request): Promise<readonly string[]> {
  const paths = await request.pathspec();
  return paths.length === 0 ? ['--'] : paths;
}
