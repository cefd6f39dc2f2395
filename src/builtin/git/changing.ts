import type { JsonValue } from '../../json.js';
import { Refusal, type Request } from './request.js';

export async function createBranch(request: Request): Promise<JsonValue> {
  const repository = await request.repository();
  const name = request.ref('name');
  await request.git.createBranch(repository.root, name, { switch: request.flag('switch') });
  return { staged: true, name, switch: request.flag('switch'), repository: repository.name };
}

export async function stage(request: Request): Promise<JsonValue> {
  const { root, name } = await request.repository();
  return { staged: true, files: (await request.git.stage(root, some(request))).files, repository: name };
}

export async function unstage(request: Request): Promise<JsonValue> {
  const { root, name } = await request.repository();
  return { staged: true, files: (await request.git.unstage(root, some(request))).files, repository: name };
}

export async function commit(request: Request): Promise<JsonValue> {
  const { root, name } = await request.repository();
  const message = request.string('message');
  const paths = request.strings('paths');
  if (paths.length > 0 && request.flag('all')) throw new Refusal('Give "paths" or "all", not both.');
  const { files } = await request.git.commit(root, { message, ...(paths.length === 0 ? {} : { paths }), all: request.flag('all') });
  return { staged: true, message, files, repository: name };
}

export async function switchBranch(request: Request): Promise<JsonValue> {
  const name = request.ref('name');
  const { root } = await request.repository();
  const known = await request.git.run(root, ['rev-parse', '-q', '--verify', '--end-of-options', `refs/heads/${name}`], request.context.signal);
  if (known.code !== 0) throw new Refusal(`There is no branch '${name}': see git.branches, or create it with git.createBranch.`);
  return request.perform(['switch', '--no-guess', '--no-recurse-submodules', name]);
}

export async function stash(request: Request): Promise<JsonValue> {
  const action = request.optional('action') ?? 'push';
  if (action === 'pop') return request.perform(['stash', 'pop', '--index']);
  if (action !== 'push') throw new Refusal('"action" must be "push" or "pop".');
  const message = request.optional('message');
  return request.perform(['stash', 'push', ...(request.flag('includeUntracked') ? ['--include-untracked'] : []), ...(message === undefined ? [] : [`--message=${message}`])]);
}

export async function push(request: Request): Promise<JsonValue> {
  const { root } = await request.repository();
  const config = async (name: string) => (await request.git.run(root, ['config', '--get', name], request.context.signal)).stdout.trim();
  const current = (await request.git.run(root, ['symbolic-ref', '-q', '--short', 'HEAD'], request.context.signal)).stdout.trim();
  const branch = request.optional('branch') === undefined ? current : request.ref('branch');
  if (branch === '') throw new Refusal('HEAD is detached: say which branch to push.');
  const known = await request.git.run(root, ['rev-parse', '-q', '--verify', '--end-of-options', `refs/heads/${branch}`], request.context.signal);
  if (known.code !== 0) throw new Refusal(`There is no branch '${branch}' to push.`);
  const remote = request.optional('remote') ?? ((await config(`branch.${branch}.remote`)) || 'origin');
  const remotes = (await request.run(['remote'])).split('\n').filter(Boolean);
  // A URL or path would let a script send the history anywhere.
  if (!remotes.includes(remote)) throw new Refusal(remotes.length === 0 ? 'The repository has no remote to push to.' : `'${remote}' is not a remote of this repository: it has ${remotes.join(', ')}.`);
  return request.perform(['push', '--porcelain', '--no-force', '--recurse-submodules=no', ...(request.flag('setUpstream') ? ['--set-upstream'] : []), remote, `refs/heads/${branch}:refs/heads/${branch}`]);
}

function some(request: Request): readonly string[] {
  const paths = request.strings('paths');
  if (paths.length === 0) throw new Refusal('"paths" is empty: name at least one file or folder.');
  return paths;
}
