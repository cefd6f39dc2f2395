import { spawn } from 'node:child_process';
import { GitError } from '../../catalog/workspace.js';

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array | string;
  readonly signal?: AbortSignal;
  /** Told the process before it gets its input; what it returns is waited for, also when git ends before that. */
  readonly onStart?: (pid: number) => Promise<void>;
  /** Ends the process, and what it started, after this long. */
  readonly timeoutMs?: number;
  /** Most bytes of output that are kept; more ends the process. */
  readonly mostBytes?: number;
}

const mostOutput = 256 * 1024 * 1024;

/** Never asks, never pages, never touches what it need not; nothing of it reaches a terminal. */
function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^GIT_/i.test(name) || /^GIT_(SSH|SSH_COMMAND|SSL_.*|CONFIG_GLOBAL|CONFIG_SYSTEM|CONFIG_NOSYSTEM|EXEC_PATH|(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE))$/i.test(name)));
  return { ...inherited, GIT_TERMINAL_PROMPT: '0', GIT_PAGER: 'cat', PAGER: 'cat', GIT_EDITOR: ':', ...extra };
}

/** For commands that only look: paths are no patterns, nothing is locked, fetched or translated. */
export const readOnlyEnvironment = { LC_ALL: 'C.UTF-8', LANGUAGE: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_LITERAL_PATHSPECS: '1', GIT_ALLOW_PROTOCOL: 'none', GIT_NO_LAZY_FETCH: '1' } as const;

/** Settings that could make git run something while it only looks. */
export const readOnlySettings = [
  '-c', 'core.fsmonitor=false', '-c', 'core.untrackedCache=false', '-c', 'core.hooksPath=/dev/null', '-c', 'log.showSignature=false', '-c', 'core.quotePath=false',
  '-c', 'color.ui=false', '-c', 'gc.auto=0', '-c', 'maintenance.auto=false', '-c', 'submodule.recurse=false', '-c', 'diff.ignoreSubmodules=dirty', '-c', 'advice.addEmbeddedRepo=false', '-c', 'core.safecrlf=false',
] as const;

/** The git executable, started without a shell. */
export class Git {
  constructor(private readonly locate: () => Promise<string> = async () => 'git') {}

  /**
   * Runs git to its end, whatever its exit code.
   * @throws {GitError} when git is missing or was ended.
   */
  async run(args: readonly string[], options: GitOptions): Promise<GitResult> {
    const executable = await this.locate();
    options.signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      // A session of its own: no terminal to ask on, and one group to end.
      const child = spawn(executable, [...args], {
        cwd: options.cwd, env: environment(options.env), stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true, detached: process.platform !== 'win32',
      });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      let size = 0;
      let ended: Error | undefined;
      const end = (reason: Error) => {
        ended ??= reason;
        endGroup(child.pid, () => child.kill('SIGKILL'));
      };
      const onAbort = () => end(options.signal?.reason instanceof Error ? options.signal.reason : new GitError('git was stopped.'));
      options.signal?.addEventListener('abort', onAbort, { once: true });
      const timer = options.timeoutMs === undefined ? undefined
        : setTimeout(() => end(new GitError(`git ${args.find((arg) => /^[a-z]/.test(arg)) ?? ''} was ended because it took longer than ${Math.round(options.timeoutMs! / 1000)} s.`)), options.timeoutMs);
      const take = (chunks: Buffer[]) => (chunk: Buffer) => {
        size += chunk.length;
        if (size > (options.mostBytes ?? mostOutput)) end(new GitError(`git answered with more than ${Math.round((options.mostBytes ?? mostOutput) / 1024 / 1024)} MB: ask for less.`));
        else chunks.push(chunk);
      };
      child.stdout.on('data', take(out));
      child.stderr.on('data', take(err));
      child.stdin.on('error', () => undefined);
      child.on('error', (error: NodeJS.ErrnoException) => {
        settle();
        reject(error.code === 'ENOENT' ? new GitError(`git was not found (${executable}): install git, or set 'git.path', then try again.`) : new GitError(`git could not be started: ${error.message}`));
      });
      const feed = (): void => void child.stdin.end(options.input ?? '');
      const told = options.onStart === undefined || child.pid === undefined ? feed() : options.onStart(child.pid).then(feed, end);
      child.on('close', (code, killed) => void (async () => {
        settle();
        // A hook that fails at once ends git before its start is noted.
        await told;
        if (ended !== undefined) reject(ended);
        else resolve({ code: code ?? (killed === null ? 1 : 128), stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') });
      })());
      function settle() {
        clearTimeout(timer);
        options.signal?.removeEventListener('abort', onAbort);
      }
    });
  }

  /** Like {@link run}, for commands that must succeed. */
  async expect(args: readonly string[], options: GitOptions): Promise<Buffer> {
    const result = await this.run(args, options);
    if (result.code !== 0) throw new GitError(reasonOf(result, args));
    return result.stdout;
  }

  async text(args: readonly string[], options: GitOptions): Promise<string> {
    return (await this.expect(args, options)).toString('utf8').replace(/\r?\n$/, '');
  }
}

/** What git said went wrong, without its prefixes. */
export function reasonOf(result: { readonly stderr: string; readonly stdout?: Buffer | string; readonly code: number }, args: readonly string[]): string {
  const said = (result.stderr.trim() || result.stdout?.toString().trim() || '').replace(/^(fatal|error): /gm, '');
  return said === '' ? `git ${args[0] ?? ''} failed with exit code ${result.code}.` : said;
}

function endGroup(pid: number | undefined, otherwise: () => void): void {
  try {
    if (pid === undefined || process.platform === 'win32') otherwise();
    else process.kill(-pid, 'SIGKILL');
  } catch {
    otherwise();
  }
}
