import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ApplyRecord } from './record.js';

const run = promisify(execFile);
/** How long, in ms, an ended process may take to be gone. */
const patience = 5_000;

/**
 * Ends the `git commit` of an Apply whose window is gone. A hook may take minutes: it would commit after everything was
 * taken back.
 */
export async function endLeftGit(record: ApplyRecord): Promise<void> {
  for (const line of record.lines) {
    if (line.kind !== 'git' || !isAlive(line.pid) || !(await isOurs(line.pid, record.id))) continue;
    end(line.pid);
    for (const since = Date.now(); isAlive(line.pid) && (await isOurs(line.pid, record.id)) && Date.now() - since < patience; ) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Numbers of processes are given again: ours is told by the index it works on. */
async function isOurs(pid: number, record: string): Promise<boolean> {
  if (process.platform === 'win32') return /^"git(\.exe)?"/i.test(await said('tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH']));
  const environment = process.platform === 'linux' ? await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '') : await said('ps', ['-E', '-ww', '-o', 'command=', '-p', String(pid)]);
  return environment.includes(`code-mode-${record}.index`);
}

async function said(program: string, args: readonly string[]): Promise<string> {
  return run(program, [...args]).then(({ stdout }) => stdout, () => '');
}

function end(pid: number): void {
  try {
    // With the hooks it started: it leads a group of its own.
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // Gone meanwhile.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
