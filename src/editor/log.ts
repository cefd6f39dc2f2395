import * as vscode from 'vscode';

/** Our output channel, and one for each server that said something. */
export interface Logs extends vscode.Disposable {
  readonly main: vscode.LogOutputChannel;
  /** Keeps a server's log in a channel of its own, made with its first line or when it is shown. */
  follow(server: ServerLog): vscode.Disposable;
  show(server: ServerLog): void;
}

export interface ServerLog {
  readonly name: string;
  readonly log: readonly string[];
  readonly onDidLog: (listener: (line: string) => unknown) => { dispose(): void };
}

export function createLogs(): Logs {
  const main = vscode.window.createOutputChannel('Code Mode', { log: true });
  const channels = new Map<string, vscode.OutputChannel>();
  const channel = (server: ServerLog): vscode.OutputChannel => {
    const known = channels.get(server.name);
    if (known !== undefined) return known;
    const made = vscode.window.createOutputChannel(`Code Mode: ${server.name}`);
    for (const line of server.log) made.appendLine(line);
    channels.set(server.name, made);
    return made;
  };
  return {
    main,
    follow(server) {
      return server.onDidLog((line) => {
        // A channel made just now already holds the line: it is the newest of `log`.
        const known = channels.get(server.name);
        if (known === undefined) channel(server);
        else known.appendLine(line);
      });
    },
    show: (server) => channel(server).show(true),
    dispose() {
      for (const each of channels.values()) each.dispose();
      main.dispose();
    },
  };
}
