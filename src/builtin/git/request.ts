import path from 'node:path';
import type { CallContext } from '../../catalog/source.js';
import type { GitOutput, GitRepository, GitView } from '../../catalog/workspace.js';
import type { JsonObject } from '../../json.js';

/** A refusal that the script gets as a tool error. */
export class Refusal extends Error {}

/** One call of a git tool: its arguments, checked, and the repository it is about. */
export class Request {
  private found: Promise<GitRepository> | undefined;

  constructor(readonly args: JsonObject, readonly context: CallContext) {}

  get git(): GitView {
    return this.context.workspace.git;
  }

  /** The repository named, or that of the file the call is about. */
  repository(): Promise<GitRepository> {
    const named = this.optional('repository') ?? this.repositoryOfPath();
    return (this.found ??= this.git.repository(named));
  }

  string(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw new Refusal(`"${name}" must be a string.`);
    return value;
  }

  optional(name: string): string | undefined {
    const value = this.args[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value.includes('\0')) throw new Refusal(`"${name}" must be a string without NUL characters.`);
    return value;
  }

  flag(name: string): boolean {
    return this.args[name] === true;
  }

  number(name: string, otherwise: number): number {
    const value = this.args[name] ?? otherwise;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Refusal(`"${name}" must be a whole number.`);
    return value;
  }

  optionalNumber(name: string): number | undefined {
    return this.args[name] === undefined ? undefined : this.number(name, 0);
  }

  strings(name: string): readonly string[] {
    const value = this.args[name] ?? [];
    if (!Array.isArray(value) || !value.every((item): item is string => typeof item === 'string')) throw new Refusal(`"${name}" must be a list of strings.`);
    return value;
  }

  /** Something git takes for a commit, never for an option. */
  ref(name: string, otherwise?: string): string {
    const value = this.optional(name) ?? otherwise;
    if (value === undefined) throw new Refusal(`"${name}" must name a commit, branch or tag.`);
    if (value.startsWith('-') || value === '' || /[\n\r]/.test(value)) throw new Refusal(`'${value}' is not the name of a commit, branch or tag.`);
    return value;
  }

  /** The commit a ref stands for. */
  async commit(ref: string): Promise<string> {
    const { root } = await this.repository();
    const answer = await this.git.run(root, ['rev-parse', '-q', '--verify', '--end-of-options', `${ref}^{commit}`], this.context.signal);
    if (answer.code === 0) return answer.stdout.trim();
    const none = await this.git.run(root, ['rev-parse', '-q', '--verify', 'HEAD'], this.context.signal);
    throw new Refusal(none.code === 0 ? `'${ref}' names no commit, branch or tag of this repository.` : 'The repository has no commit yet.');
  }

  /** Arguments that limit git to some paths; where the repository is larger than the folders, to the folders. */
  async pathspec(names = this.strings('paths')): Promise<readonly string[]> {
    const { root } = await this.repository();
    const { workspace } = this.context;
    const inside = (absolute: string) => {
      const relative = path.relative(root, absolute);
      if (relative.startsWith('..') || path.isAbsolute(relative)) return undefined;
      return relative.split(path.sep).join('/');
    };
    if (names.length === 0) {
      const folders = workspace.folders.map((folder) => inside(folder.path)).filter((relative) => relative !== undefined);
      const all = folders.length === 0 || folders.includes('');
      return all ? [] : ['--', ...folders];
    }
    const relatives = names.map((name) => {
      const relative = inside(workspace.resolve(name).absolute);
      if (relative === undefined) throw new Refusal(`'${name}' is not in this repository.`);
      return relative;
    });
    return relatives.includes('') ? [] : ['--', ...relatives];
  }

  /** Runs git where staged work is seen; throws with git's reason when it fails. */
  async run(args: readonly string[]): Promise<string> {
    const { root } = await this.repository();
    return succeeded(await this.git.run(root, args, this.context.signal), args);
  }

  /** Runs git on the real repository. */
  async perform(args: readonly string[]): Promise<JsonObject> {
    const { root } = await this.repository();
    const answer = await this.git.perform(root, args, this.context.signal);
    const output = succeeded(answer, args);
    return { output: [output.trim(), answer.stderr.trim()].filter(Boolean).join('\n') };
  }

  private repositoryOfPath(): string | undefined {
    const file = this.optional('path') ?? this.strings('paths')[0];
    if (file === undefined) return undefined;
    const slash = file.replaceAll('\\', '/').lastIndexOf('/');
    return slash === -1 ? undefined : file.slice(0, slash);
  }
}

function succeeded(answer: GitOutput, args: readonly string[]): string {
  if (answer.code === 0) return answer.stdout;
  const said = (answer.stderr.trim() || answer.stdout.trim()).replace(/^(fatal|error): /gm, '');
  throw new Refusal(said === '' ? `git ${args[0]} failed with exit code ${answer.code}.` : said.slice(0, 4000));
}
