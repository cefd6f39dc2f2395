import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, constants, realpath, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Launch } from '../connection/processGroup.js';
import { bridge, startProxy } from './proxy.js';
import type { SandboxRules } from './rules.js';

/** The system's own means of running a program with less than its user's rights. */
export type Confiner = { readonly kind: 'bubblewrap' | 'seatbelt'; readonly path: string } | { readonly kind: 'none'; readonly why: string };

/** Rules whose paths exist and are absolute. */
export interface Confinement extends Omit<SandboxRules, 'notices'> {
  /** The program's own folder, writable when it is one of the workspace. */
  readonly cwd: string | undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function runs(command: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => execFile(command, [...args], { timeout: 5_000 }, (error) => resolve(error === null)));
}

/** Finds out what there is, and whether it works: many systems have bubblewrap and forbid what it needs. */
export async function findConfiner(environment: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform = process.platform): Promise<Confiner> {
  if (platform === 'darwin') {
    const tool = '/usr/bin/sandbox-exec';
    return (await isExecutable(tool)) ? { kind: 'seatbelt', path: tool } : { kind: 'none', why: 'sandbox-exec is missing' };
  }
  if (platform !== 'linux') return { kind: 'none', why: 'this system has none' };
  for (const folder of (environment.PATH ?? '').split(path.delimiter).filter((each) => path.isAbsolute(each))) {
    const tool = path.join(folder, 'bwrap');
    if (!(await isExecutable(tool))) continue;
    if (await runs(tool, ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--unshare-pid', '--unshare-net', 'true'])) return { kind: 'bubblewrap', path: tool };
    return { kind: 'none', why: 'bubblewrap is there and may not make a sandbox (the system forbids user namespaces)' };
  }
  return { kind: 'none', why: 'bubblewrap is not installed' };
}

/** Paths that are there, as the kernel knows them. */
export async function existing(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(async (each) => realpath(each).catch(() => undefined)));
  return [...new Set(found.filter((each) => each !== undefined))];
}

/** Starts the same program inside the sandbox. */
export async function confine(launch: Launch, confinement: Confinement, confiner: Exclude<Confiner, { kind: 'none' }>): Promise<Launch> {
  const inner = [launch.command, ...launch.args];
  if (confiner.kind === 'seatbelt') {
    const temporary = await existing([tmpdir(), launch.environment.TMPDIR ?? tmpdir()]);
    return { ...launch, command: confiner.path, args: ['-p', seatbeltProfile(confinement, temporary), ...inner] };
  }
  const folders = new Set<string>();
  for (const hidden of confinement.denyRead) if ((await stat(hidden).catch(() => undefined))?.isDirectory() === true) folders.add(hidden);
  const { network } = confinement;
  const socket = typeof network === 'object' ? path.join(tmpdir(), `code-mode-${randomUUID()}`, 'proxy') : undefined;
  // What the program is made of may lie among temporary files, all others of which are out of its sight.
  const own = network === 'open' ? [] : await existing([process.execPath, ...inner].filter(isTemporary));
  return {
    ...launch,
    command: confiner.path,
    args: [
      ...bubblewrapArguments(confinement, (hidden) => folders.has(hidden), [...own, ...(socket === undefined ? [] : [path.dirname(socket)])]),
      ...(launch.cwd === undefined ? [] : ['--chdir', launch.cwd]),
      '--',
      ...(socket === undefined ? inner : [process.execPath, '-e', bridge, socket, ...inner]),
    ],
    // A place for temporary files that is its own and goes with it.
    environment: { ...launch.environment, TMPDIR: '/dev/shm', ...(socket === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' }) },
    ...(socket === undefined || typeof network !== 'object' ? {} : { accompany: (onLog: (text: string) => void) => startProxy(socket, network, onLog) }),
  };
}

function temporaryFolders(): readonly string[] {
  return [...new Set(['/tmp', tmpdir()])];
}

function isTemporary(file: string): boolean {
  return path.isAbsolute(file) && temporaryFolders().some((folder) => !path.relative(folder, file).startsWith('..'));
}

/** Arguments of `bwrap` before the program. Later ones lie over earlier ones. `temporary` is what of the temporary files it is to see. */
export function bubblewrapArguments({ cwd, allowWrite, denyWrite, denyRead, network }: Confinement, isFolder: (path: string) => boolean, temporary: readonly string[] = []): readonly string[] {
  const each = (option: string, paths: readonly string[]): string[] => paths.flatMap((file) => [option, file, file]);
  return [
    '--die-with-parent',
    '--unshare-pid',
    '--unshare-ipc',
    ...(network === 'open' ? [] : ['--unshare-net']),
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
    // Sockets of the system live here, and writing to one needs no right to write the folder; name resolution needs its part.
    ...['--tmpfs', '/run', ...each('--ro-bind-try', ['/run/systemd/resolve', '/run/current-system'])],
    // Temporary folders have such sockets too (terminals, agents, displays): ways out that are no network.
    ...(network === 'open' ? [] : [...temporaryFolders().flatMap((folder) => ['--tmpfs', folder]), ...each('--ro-bind-try', temporary)]),
    ...each('--bind-try', [...(cwd === undefined ? [] : [cwd]), ...allowWrite]),
    ...each('--ro-bind-try', denyWrite),
    ...denyRead.flatMap((hidden) => (isFolder(hidden) ? ['--tmpfs', hidden] : ['--ro-bind', '/dev/null', hidden])),
  ];
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** A profile for `sandbox-exec`. The last rule that fits decides. */
export function seatbeltProfile({ cwd, allowWrite, denyWrite, denyRead, network }: Confinement, temporary: readonly string[]): string {
  const rule = (effect: string, paths: readonly string[]): string[] => (paths.length === 0 ? [] : [`(${effect} ${paths.map((file) => `(subpath ${quoted(file)})`).join(' ')})`]);
  return [
    '(version 1)',
    '(allow default)',
    '(deny file-write*)',
    '(allow file-write* (literal "/dev/null") (literal "/dev/tty") (regex #"^/dev/fd/"))',
    ...rule('allow file-write*', [...temporary, ...(cwd === undefined ? [] : [cwd]), ...allowWrite]),
    ...rule('deny file-write*', denyWrite),
    ...rule('deny file-read* file-write*', denyRead),
    ...(network === 'open' ? [] : ['(deny network*)']),
  ].join('\n');
}
