import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { EditorKnowledge, TaskResult } from '../builtin/analysis/knowledge.js';

type Readable = vscode.ShellExecution | vscode.ProcessExecution;

export const listTasks: EditorKnowledge['tasks'] = async () => {
  const tasks = await vscode.tasks.fetchTasks();
  return tasks.map((task) => ({ name: nameOf(task), source: task.source, group: task.group?.id }));
};

/**
 * Runs a task so that its output shows in the terminal as always and can be read too. The tasks it depends on run
 * first, one after the other; the first that fails ends it.
 */
export async function runTask(name: string, onOutput: (text: string) => void, signal: AbortSignal): Promise<TaskResult> {
  const tasks = await vscode.tasks.fetchTasks();
  const find = (wanted: string): vscode.Task | undefined => tasks.find((task) => nameOf(task) === wanted) ?? tasks.find((task) => task.name === wanted);
  const run = async (task: vscode.Task, above: readonly string[]): Promise<TaskResult> => {
    for (const needed of dependenciesOf(task)) {
      const dependency = find(needed);
      if (dependency === undefined || above.includes(needed)) throw new Error(`The task "${nameOf(task)}" depends on "${needed}", which ${dependency === undefined ? 'is not there' : 'depends on it'}.`);
      const result = await run(dependency, [...above, nameOf(task)]);
      if (result.exitCode !== 0) return result;
    }
    return runAlone(task, onOutput, signal);
  };
  const task = find(name);
  if (task === undefined) throw new Error(`There is no task "${name}". There are: ${tasks.map(nameOf).slice(0, 20).join(', ') || 'none'}.`);
  return run(task, []);
}

async function runAlone(task: vscode.Task, onOutput: (text: string) => void, signal: AbortSignal): Promise<TaskResult> {
  const { execution } = task;
  let output: string | undefined;
  let shown = task;
  const launch = execution instanceof vscode.ShellExecution || execution instanceof vscode.ProcessExecution ? launchOf(task, execution) : undefined;
  if (launch !== undefined) {
    if (launch.cwd !== undefined && !(await stat(launch.cwd).then((found) => found.isDirectory(), () => false))) {
      throw new Error(`The task "${nameOf(task)}" runs in ${launch.cwd}, which is no folder.`);
    }
    output = '';
    const readable = new vscode.CustomExecution(async () => terminalOf(launch, (text) => {
      output = `${output ?? ''}${text}`.slice(-1_000_000);
      onOutput(text);
    }));
    shown = new vscode.Task(task.definition, task.scope ?? vscode.TaskScope.Workspace, task.name, task.source, readable, task.problemMatchers);
    shown.presentationOptions = { ...task.presentationOptions, reveal: vscode.TaskRevealKind.Silent };
  }
  const exitCode = await ended(shown, signal);
  return { name: nameOf(task), exitCode, output };
}

async function ended(task: vscode.Task, signal: AbortSignal): Promise<number | undefined> {
  let running: vscode.TaskExecution | undefined;
  let stopping: NodeJS.Timeout | undefined;
  let finish: (exitCode: number | undefined) => void = () => undefined;
  const done = new Promise<number | undefined>((resolve) => (finish = resolve));
  const heard: { readonly execution: vscode.TaskExecution; readonly exitCode: number | undefined }[] = [];
  const hear = (execution: vscode.TaskExecution, exitCode: number | undefined): void => {
    heard.push({ execution, exitCode });
    if (execution === running) finish(exitCode);
  };
  // Before it is started: one that is quick may have ended when the word comes that it was.
  const subscriptions = [
    vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => hear(execution, exitCode)),
    // A task without a process of its own only ends; give the exit code the chance to come first.
    vscode.tasks.onDidEndTask(({ execution }) => void setTimeout(() => hear(execution, undefined), 200)),
  ];
  // A task whose terminal is not up yet lets a first try pass unheeded.
  const stop = (): void => {
    running?.terminate();
    stopping = setTimeout(stop, 500);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    running = await vscode.tasks.executeTask(task);
    const first = heard.find(({ execution }) => execution === running);
    if (first !== undefined) return first.exitCode;
    if (signal.aborted && stopping === undefined) stop();
    return await done;
  } finally {
    clearTimeout(stopping);
    signal.removeEventListener('abort', stop);
    for (const subscription of subscriptions) subscription.dispose();
  }
}

/** What a process is started with, every variable filled in. */
interface Launch {
  readonly command: string;
  /** Left out where `command` is a whole line for the shell. */
  readonly args?: readonly string[];
  readonly cwd: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * How a task is started, as tasks.json has it; undefined where it needs what only VS Code can fill in (`${input:…}`,
 * `${command:…}`): such a task runs as always, and its output cannot be read.
 */
function launchOf(task: vscode.Task, execution: Readable): Launch | undefined {
  const folder = typeof task.scope === 'object' ? task.scope : vscode.workspace.workspaceFolders?.[0];
  let isWhole = true;
  const fill = (text: string): string =>
    text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
      // Shells have variables of their own.
      if (!variable.test(name)) return whole;
      const value = valueOf(name, folder);
      isWhole &&= value !== undefined;
      return value ?? whole;
    });
  const environment = { ...process.env, ...Object.fromEntries(Object.entries(execution.options?.env ?? {}).map(([name, value]) => [name, fill(value)])) };
  const cwd = execution.options?.cwd === undefined ? folder?.uri.fsPath : path.resolve(folder?.uri.fsPath ?? homedir(), fill(execution.options.cwd));
  const launch: Launch =
    execution instanceof vscode.ProcessExecution
      ? { command: fill(execution.process), args: execution.args.map(fill), cwd, environment }
      : { command: fill(execution.commandLine ?? [execution.command, ...(execution.args ?? [])].map(wordOf).join(' ')), cwd, environment };
  return isWhole ? launch : undefined;
}

/** What VS Code itself fills in when it runs a task. */
const variable = /^(workspace(Folder|Root)(Basename)?|fileWorkspaceFolder(Basename)?|env|config|input|command|(relative)?file\w*|cwd|userHome|pathSeparator|\/|lineNumber|columnNumber|selectedText|execPath|defaultBuildTask)(:|$)/;

/** Variables of tasks.json that mean the same at every moment of a run; those of the editor mean the active one. */
function valueOf(name: string, folder: vscode.WorkspaceFolder | undefined): string | undefined {
  const [kind = '', argument] = name.split(/:(.*)/s);
  const file = vscode.window.activeTextEditor?.document.uri.fsPath;
  switch (kind) {
    case 'workspaceFolder':
    case 'workspaceRoot':
      return (argument === undefined ? folder : vscode.workspace.workspaceFolders?.find((each) => each.name === argument))?.uri.fsPath;
    case 'workspaceFolderBasename':
      return folder && path.basename(folder.uri.fsPath);
    case 'cwd':
      return folder?.uri.fsPath;
    case 'userHome':
      return homedir();
    case 'pathSeparator':
    case '/':
      return path.sep;
    case 'env':
      return process.env[argument ?? ''] ?? '';
    case 'config': {
      const value = vscode.workspace.getConfiguration(undefined, folder?.uri).get<unknown>(argument ?? '');
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
    }
    case 'file':
      return file;
    case 'fileBasename':
      return file && path.basename(file);
    case 'fileDirname':
      return file && path.dirname(file);
    case 'relativeFile':
      return file && folder && path.relative(folder.uri.fsPath, file);
    default:
      return undefined;
  }
}

/** Tasks that a task of tasks.json wants run before it; the API does not tell. */
function dependenciesOf(task: vscode.Task): readonly string[] {
  const folder = typeof task.scope === 'object' ? task.scope.uri : vscode.workspace.workspaceFolders?.[0]?.uri;
  const written = vscode.workspace.getConfiguration('tasks', folder).get<unknown>('tasks');
  if (!Array.isArray(written)) return [];
  const entry = (written as readonly { readonly label?: unknown; readonly dependsOn?: unknown }[]).find((each) => each.label === task.name);
  const wanted: readonly unknown[] = Array.isArray(entry?.dependsOn) ? entry.dependsOn : [entry?.dependsOn];
  return wanted.filter((name) => typeof name === 'string');
}

function terminalOf(launch: Launch, onText: (text: string) => void): vscode.Pseudoterminal {
  const written = new vscode.EventEmitter<string>();
  const closed = new vscode.EventEmitter<number>();
  let child: ReturnType<typeof spawn> | undefined;
  const text = (chunk: Buffer | string): void => {
    const value = chunk.toString();
    onText(value);
    written.fire(value.replace(/\r?\n/g, '\r\n'));
  };
  return {
    onDidWrite: written.event,
    onDidClose: closed.event,
    open() {
      const options = { cwd: launch.cwd, env: launch.environment, detached: process.platform !== 'win32' };
      child = launch.args === undefined ? spawn(launch.command, { ...options, shell: true }) : spawn(launch.command, launch.args, options);
      child.stdout?.on('data', text);
      child.stderr?.on('data', text);
      child.on('error', (error) => {
        text(`${error.message}\n`);
        closed.fire(127);
      });
      child.on('close', (code) => closed.fire(code ?? 130));
    },
    close() {
      if (child?.pid === undefined || child.exitCode !== null) return;
      // The whole group: a task is a shell with children.
      if (process.platform === 'win32') spawn('taskkill', ['/pid', String(child.pid), '/T', '/F']);
      else process.kill(-child.pid, 'SIGTERM');
    },
  };
}

function wordOf(word: string | vscode.ShellQuotedString | undefined): string {
  const value = typeof word === 'string' ? word : (word?.value ?? '');
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

function nameOf(task: vscode.Task): string {
  return task.source === 'Workspace' || task.source === '' ? task.name : `${task.source}: ${task.name}`;
}
