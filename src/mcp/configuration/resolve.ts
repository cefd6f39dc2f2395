import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { McpPorts } from '../ports.js';
import { headerSecrets, looksSecret, urlSecrets, type Redactor } from '../redaction.js';
import { isServerAddress } from '../network/socket.js';
import type { Launch } from '../connection/processGroup.js';
import type { ConfiguredServer, Definition, OAuthDefinition, RemoteDefinition, StdioDefinition } from './definition.js';
import { oauthSecrets } from './oauth.js';
import { readEnvironmentFile } from './envFile.js';
import type { Inputs } from './inputs.js';

/** A definition that cannot be started as things stand; the message says what is missing. */
export class UnresolvedError extends Error {
  override readonly name = 'UnresolvedError';
}

const variable = /\$\{([A-Za-z]+)(?::([^}]*))?\}|\$\{\/\}/g;

/** Fills in the variables of one server's definition, asking for inputs that were never answered. */
export class Resolver {
  constructor(
    private readonly server: ConfiguredServer,
    private readonly ports: McpPorts,
    private readonly inputs: Inputs,
    private readonly redactor: Redactor,
    private readonly onLog: (text: string) => void,
  ) {}

  async launch(definition: StdioDefinition): Promise<Launch> {
    const command = await this.fill(definition.command);
    const args = await this.fillAll(definition.args);
    const folder = this.server.folder?.path;
    const base = folder ?? this.ports.surroundings.userHome;
    const cwd = definition.cwd === undefined ? base : path.resolve(base, this.home(await this.fill(definition.cwd)));
    if (!(await stat(cwd).then((found) => found.isDirectory(), () => false))) throw new UnresolvedError(`its working folder ${cwd} does not exist`);
    const environment: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.ports.surroundings.environment)) if (value !== undefined) environment[name] = value;
    if (definition.envFile !== undefined) {
      const file = path.resolve(base, this.home(await this.fill(definition.envFile)));
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        throw new UnresolvedError(`its envFile ${file} could not be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
      });
      for (const [name, value] of Object.entries(readEnvironmentFile(text))) this.set(environment, name, value);
    }
    for (const [name, value] of Object.entries(definition.env)) {
      if (value === null) this.unset(environment, name);
      else this.set(environment, name, await this.fill(String(value)));
    }
    hideArguments(args, this.redactor);
    return { command: this.home(command), args, cwd, environment };
  }

  async remote(definition: RemoteDefinition): Promise<{ readonly url: URL; readonly headers: Readonly<Record<string, string>>; readonly oauth: OAuthDefinition }> {
    const text = await this.fill(definition.url);
    if (!isServerAddress(text)) throw new UnresolvedError(`"${this.redactor.text(text)}" is not an address of a server (http, https, unix or pipe)`);
    for (const secret of urlSecrets(text)) this.redactor.add(secret);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(definition.headers)) {
      headers[name] = await this.fill(value);
      for (const secret of headerSecrets(name, headers[name])) this.redactor.add(secret);
      try {
        new Headers({ [name]: headers[name] });
      } catch {
        throw new UnresolvedError(`its header "${name}" has a name or value that HTTP does not allow`);
      }
    }
    const url = new URL(text);
    if (url.username !== '' || url.password !== '') {
      // `fetch` refuses addresses with credentials in them.
      const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
      headers.Authorization ??= `Basic ${Buffer.from(pair).toString('base64')}`;
      this.redactor.add(headers.Authorization.slice('Basic '.length));
      url.username = '';
      url.password = '';
    }
    const oauth = await this.members(definition.oauth ?? {});
    for (const secret of oauthSecrets(oauth)) this.redactor.add(secret);
    return { url, headers, oauth };
  }

  /** All texts of an object filled in; those of members that name files are absolute paths. */
  private async members<T extends object>(object: T): Promise<T> {
    const base = this.server.folder?.path ?? this.ports.surroundings.userHome;
    const filled: [string, unknown][] = [];
    for (const [name, value] of Object.entries(object) as [string, unknown][]) {
      if (typeof value === 'string') filled.push([name, name.endsWith('File') ? path.resolve(base, this.home(await this.fill(value))) : await this.fill(value)]);
      else if (Array.isArray(value)) filled.push([name, await this.fillAll(value as readonly string[])]);
      else filled.push([name, typeof value === 'object' && value !== null ? await this.members(value) : value]);
    }
    return Object.fromEntries(filled) as T;
  }

  /** Absolute paths of what the definition writes as paths. */
  async paths(texts: readonly string[], base: string): Promise<readonly string[]> {
    return (await this.fillAll(texts)).map((text) => path.resolve(base, this.home(text)));
  }

  private async fillAll(texts: readonly string[]): Promise<string[]> {
    const filled: string[] = [];
    // One after the other: inputs are asked in the order a person wrote them.
    for (const text of texts) filled.push(await this.fill(text));
    return filled;
  }

  private async fill(text: string): Promise<string> {
    if (!this.server.variables || !text.includes('${')) return text;
    let filled = '';
    let end = 0;
    for (const match of text.matchAll(variable)) {
      filled += text.slice(end, match.index) + ((await this.value(match[1] ?? '/', match[2])) ?? match[0]);
      end = match.index + match[0].length;
    }
    return filled + text.slice(end);
  }

  /** `undefined` for what is no variable of ours: it is passed on as it stands. */
  private async value(name: string, argument: string | undefined): Promise<string | undefined> {
    const { surroundings, questions } = this.ports;
    switch (name) {
      case '/':
      case 'pathSeparator':
        return path.sep;
      case 'userHome':
        return surroundings.userHome;
      case 'workspaceFolder':
      case 'workspaceFolderBasename': {
        const folder = argument === undefined ? (this.server.folder ?? surroundings.folders[0]) : surroundings.folders.find((candidate) => candidate.name === argument);
        if (folder === undefined) throw new UnresolvedError(argument === undefined ? 'it needs ${workspaceFolder} and no folder is open' : `there is no workspace folder "${argument}"`);
        return name === 'workspaceFolder' ? folder.path : path.basename(folder.path);
      }
      case 'env': {
        const value = surroundings.environment[argument ?? ''];
        if (value === undefined) this.onLog(`The environment variable ${argument} is not set; it counts as empty`);
        else if (looksSecret(argument ?? '', value)) this.redactor.add(value);
        return value ?? '';
      }
      case 'config': {
        const value = surroundings.setting(argument ?? '');
        if (value === undefined || value === null || typeof value === 'object') throw new UnresolvedError(`the setting "${argument}" has no text, number or yes/no to use`);
        if (looksSecret(argument ?? '', String(value))) this.redactor.add(String(value));
        return String(value);
      }
      case 'input':
        return this.input(argument ?? '');
      case 'command': {
        const value = await questions.input({ id: `command:${argument}`, kind: 'command', password: false, command: argument ?? '' });
        if (value === undefined) throw new UnresolvedError(`the command "${argument}" gave no value`);
        if (looksSecret('', value)) this.redactor.add(value);
        return value;
      }
      default:
        return undefined;
    }
  }

  private async input(id: string): Promise<string> {
    const input = this.server.inputs.get(id);
    if (input === undefined) throw new UnresolvedError(`it asks for the input "${id}", which its file does not define`);
    const value = await this.inputs.get(this.server.origin.file, input);
    if (value === undefined) throw new UnresolvedError(`it needs the input "${id}", which was not given`);
    if (input.password || looksSecret(id, value)) this.redactor.add(value);
    return value;
  }

  private home(text: string): string {
    return /^~(?=[/\\]|$)/.test(text) ? this.ports.surroundings.userHome + text.slice(1) : text;
  }

  private set(environment: Record<string, string>, name: string, value: string): void {
    if (looksSecret(name, value)) this.redactor.add(value);
    // Windows knows one variable by any case.
    if (process.platform === 'win32') this.unset(environment, name);
    environment[name] = value;
  }

  private unset(environment: Record<string, string>, name: string): void {
    for (const known of Object.keys(environment)) if (known === name || (process.platform === 'win32' && known.toLowerCase() === name.toLowerCase())) delete environment[known];
  }
}

function hideArguments(args: readonly string[], redactor: Redactor): void {
  for (const [index, argument] of args.entries()) {
    const [, flag, value] = /^(--?[\w-]+)=(.*)$/s.exec(argument) ?? [];
    if (value !== undefined && looksSecret(flag ?? '', value)) redactor.add(value);
    else if (looksSecret(/^--?[\w-]+$/.exec(args[index - 1] ?? '')?.[0] ?? '', argument)) redactor.add(argument);
  }
}

/** Secrets that stand in the definition itself are hidden from the beginning: a script can meet them before its server is started. */
export function hideWritten(definition: Definition, redactor: Redactor): void {
  const isWritten = (text: string): boolean => !text.includes('${');
  if (definition.transport === 'stdio') {
    hideArguments(definition.args.filter(isWritten), redactor);
    for (const [name, value] of Object.entries(definition.env)) if (value !== null && isWritten(String(value)) && looksSecret(name, String(value))) redactor.add(String(value));
    return;
  }
  for (const secret of urlSecrets(definition.url)) if (isWritten(secret)) redactor.add(secret);
  for (const [name, value] of Object.entries(definition.headers)) if (isWritten(value)) headerSecrets(name, value).forEach((secret) => redactor.add(secret));
  oauthSecrets(definition.oauth).filter(isWritten).forEach((secret) => redactor.add(secret));
}
