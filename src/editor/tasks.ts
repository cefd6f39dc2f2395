import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { TaskResult } from '../builtin/analysis/knowledge.js';

/** Runs a task so that its output shows in the terminal as always and can be read too. */
export async function runTask(name: string, onOutput: (text: string) => void, signal: AbortSignal): Promise<TaskResult> {
  const tasks = await vscode.tasks.fetchTasks();
  const matches = tasks.filter((task) => taskName(task) === name || task.name === name);
  const [task] = matches;
  if (task === undefined) throw new Error(`There is no task "${name}". There are: ${tasks.map(taskName).slice(0, 20).join(', ') || 'none'}.`);
  const { execution } = task;
  let output: string | undefined;
  let shown = task;
  const command = execution instanceof vscode.ShellExecution || execution instanceof vscode.ProcessExecution ? commandOf(execution, folderOf(task)) : undefined;
  if (command !== undefined) {
    output = '';
    const readable = new vscode.CustomExecution(async () => terminalOf(command, (text) => {
      output = `${output ?? ''}${text}`.slice(-1_000_000);
      onOutput(text);
    }));
    shown = new vscode.Task(task.definition, task.scope ?? vscode.TaskScope.Workspace, task.name, task.source, readable, []);
    shown.presentationOptions = { ...task.presentationOptions, reveal: vscode.TaskRevealKind.Silent };
  }
  const exitCode = await ended(shown, signal);
  return { name: taskName(task), exitCode, output };
}

async function ended(task: vscode.Task, signal: AbortSignal): Promise<number | undefined> {
  const running = await vscode.tasks.executeTask(task);
  return new Promise((resolve) => {
    const subscriptions = [
      vscode.tasks.onDidEndTaskProcess((event) => event.execution === running && finish(event.exitCode)),
      // A task without a process of its own only ends; give the exit code the chance to come first.
      vscode.tasks.onDidEndTask((event) => event.execution === running && setTimeout(() => finish(undefined), 200)),
    ];
    const stop = (): void => running.terminate();
    const finish = (exitCode: number | undefined): void => {
      for (const subscription of subscriptions) subscription.dispose();
      signal.removeEventListener('abort', stop);
      resolve(exitCode);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}

function terminalOf(command: Command, onText: (text: string) => void): vscode.Pseudoterminal {
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
      const options = { cwd: command.cwd, env: { ...process.env, ...command.env }, detached: process.platform !== 'win32' };
      child = command.args === undefined ? spawn(command.program, { ...options, shell: true }) : spawn(command.program, command.args, options);
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

/** A task's own process; without `args`, a line for the shell. */
interface Command {
  readonly program: string;
  readonly args?: readonly string[];
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** Undefined where only VS Code itself can say what its variables stand for: then it runs the task, and nobody reads the output. */
function commandOf(execution: vscode.ShellExecution | vscode.ProcessExecution, folder: vscode.WorkspaceFolder | undefined): Command | undefined {
  const known = (text: string): string => resolved(text, folder);
  const { cwd = folder?.uri.fsPath, env = {} } = execution.options ?? {};
  const command: Command = {
    ...(execution instanceof vscode.ProcessExecution
      ? { program: known(execution.process), args: execution.args.map(known) }
      : { program: known(execution.commandLine ?? [execution.command, ...(execution.args ?? [])].map(wordOf).join(' ')) }),
    cwd: cwd === undefined ? undefined : known(cwd),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, known(value)])),
  };
  const texts = [command.program, ...(command.args ?? []), command.cwd ?? '', ...Object.values(command.env)];
  return texts.some((text) => variable.test(text)) ? undefined : command;
}

function folderOf(task: vscode.Task): vscode.WorkspaceFolder | undefined {
  return typeof task.scope === 'object' ? task.scope : vscode.workspace.workspaceFolders?.[0];
}

/** What VS Code itself puts in when it runs a task; shells have variables of their own. */
const variable = /\$\{(?:workspace(?:Folder|Root)\w*|workspaceFolder:[^}]*|env:|config:|input:|command:|file\w*|relativeFile\w*|cwd|userHome|pathSeparator|\/|lineNumber|selectedText|execPath|defaultBuildTask)[^}]*\}/;

/** The text with the variables that need no editor to be known. */
function resolved(text: string, folder: vscode.WorkspaceFolder | undefined): string {
  const named = (name: string): string | undefined => vscode.workspace.workspaceFolders?.find((each) => each.name === name)?.uri.fsPath;
  return text.replace(/\$\{(\w+|\/)(?::([^}]*))?\}/g, (whole: string, name: string, argument: string | undefined) => {
    switch (name) {
      case 'workspaceFolder':
      case 'workspaceRoot':
        return (argument === undefined ? folder?.uri.fsPath : named(argument)) ?? whole;
      case 'workspaceFolderBasename':
        return folder?.name ?? whole;
      case 'cwd':
        return folder?.uri.fsPath ?? whole;
      case 'userHome':
        return homedir();
      case 'pathSeparator':
      case '/':
        return path.sep;
      case 'env':
        return argument === undefined ? whole : (process.env[argument] ?? '');
      case 'config': {
        const value = argument === undefined ? undefined : vscode.workspace.getConfiguration(undefined, folder).get(argument);
        return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : whole;
      }
      default:
        return whole;
    }
  });
}

function wordOf(word: string | vscode.ShellQuotedString | undefined): string {
  const value = typeof word === 'string' ? word : (word?.value ?? '');
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

export function taskName(task: vscode.Task): string {
  return task.source === 'Workspace' || task.source === '' ? task.name : `${task.source}: ${task.name}`;
}
