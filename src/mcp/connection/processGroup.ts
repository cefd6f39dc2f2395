import spawn from 'cross-spawn';
import { execFile, spawnSync, type ChildProcess } from 'node:child_process';

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Starts what has to run beside the program; called before each start, and what it resolves with after each end. */
  readonly accompany?: (onLog: (text: string) => void) => Promise<() => void>;
}

const windows = process.platform === 'win32';
const live = new Set<number>();
let exitHook = false;

/** Starts a process as the leader of a group of its own, so that it and all it starts can be ended together. */
export function startGroup(launch: Launch): ChildProcess {
  if (!exitHook) {
    exitHook = true;
    // The last chance, and only synchronous work counts: nothing of ours outlives us.
    process.on('exit', () => {
      for (const pid of live) {
        if (windows) spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
        else signalGroup(pid, 'SIGKILL');
      }
    });
  }
  const child = spawn(launch.command, [...launch.args], {
    cwd: launch.cwd,
    env: launch.environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: !windows,
    windowsHide: true,
  });
  const { pid } = child;
  if (pid !== undefined) live.add(pid);
  return child;
}

function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (windows) {
    execFile('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true }, () => undefined);
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: all of them are gone.
  }
}

/** Ends what is left of a group, politely first; resolves when it is gone, or nothing more can be done about it. */
export async function endGroup(leader: ChildProcess, grace: number): Promise<void> {
  const { pid } = leader;
  if (pid === undefined) return;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isAlive(leader, pid)) break;
    signalGroup(pid, signal);
    for (let waited = 0; waited < grace && isAlive(leader, pid); waited += 20) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  live.delete(pid);
}

/** True while a member of the group is alive. On Windows there are no groups: what it started is found as long as the leader is. */
function isAlive(leader: ChildProcess, pid: number): boolean {
  if (windows) return leader.exitCode === null && leader.signalCode === null;
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}
