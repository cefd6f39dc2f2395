import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { nothingOpen, type OpenDocuments, type WorkspaceView } from '../../../src/catalog/workspace.js';
import type { ConversationId, RunId } from '../../../src/ids.js';
import type { ChangeSet } from '../../../src/runs/changes/changeSet.js';
import { createChangeSets, type ChangeSetsOptions, type ChangeSetsRoom } from '../../../src/runs/changes/changeSets.js';

export const conversation = 'conversation-1' as ConversationId;
export const run = 'run-1' as RunId;

/** A throwaway workspace with its change sets; real files, real git. */
export class Workshop {
  readonly base = realpathSync.native(mkdtempSync(path.join(os.tmpdir(), 'code-mode-')));
  readonly folder = path.join(this.base, 'project');
  readonly storage = path.join(this.base, 'storage');
  readonly dirty = new Map<string, string>();
  readonly documents: OpenDocuments = { ...nothingOpen, dirtyText: (absolute) => this.dirty.get(absolute), unsaved: () => [...this.dirty.keys()] };
  folders = [{ name: 'project', path: this.folder }];
  review: ChangeSetsOptions['review'] = async () => { throw new Error('no review expected'); };
  sets!: ChangeSetsRoom;

  constructor() {
    mkdirSync(this.folder);
    this.open();
  }

  /** As after a reload of the window. */
  open(options: Partial<ChangeSetsOptions> = {}): ChangeSetsRoom {
    this.sets = createChangeSets({ folders: () => this.folders, storage: this.storage, documents: this.documents, review: (...args) => this.review(...args), ...options });
    return this.sets;
  }

  view(of: ConversationId = conversation, signal = new AbortController().signal): WorkspaceView {
    return this.sets.view(of, run, signal);
  }

  get set(): ChangeSet {
    return this.sets.for(conversation);
  }

  path(name: string): string {
    return path.join(this.folder, ...name.split('/'));
  }

  write(name: string, text: string | Uint8Array, mode?: number): void {
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
    if (mode !== undefined) chmodSync(this.path(name), mode);
  }

  text(name: string): string | undefined {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'utf8') : undefined;
  }

  git(...args: string[]): string {
    return this.gitIn(this.folder, ...args);
  }

  gitIn(cwd: string, ...args: string[]): string {
    return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' } }).trimEnd();
  }

  /** A repository with an identity of its own. */
  init(files: Readonly<Record<string, string>> = { 'a.txt': 'one\n' }, cwd = this.folder): void {
    mkdirSync(cwd, { recursive: true });
    this.gitIn(cwd, 'init', '-q', '-b', 'main');
    this.gitIn(cwd, 'config', 'user.name', 'Tester');
    this.gitIn(cwd, 'config', 'user.email', 'tester@example.com');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true });
      writeFileSync(path.join(cwd, name), text);
    }
    if (Object.keys(files).length > 0) {
      this.gitIn(cwd, 'add', '-A');
      this.gitIn(cwd, 'commit', '-q', '-m', 'First');
    }
  }

  hook(name: string, script: string): void {
    const file = this.path(`.git/hooks/${name}`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  /** Every file below the folder with its bytes and mode, links with their targets; `.git` only where asked. */
  tree(directory = this.folder, inside = ''): Record<string, string> {
    const found: Record<string, string> = {};
    for (const name of readdirSync(path.join(directory, inside)).sort()) {
      const relative = inside === '' ? name : `${inside}/${name}`;
      if (name === '.git') continue;
      const absolute = path.join(directory, relative);
      const stats = lstatSync(absolute);
      if (stats.isDirectory()) Object.assign(found, { [`${relative}/`]: (stats.mode & 0o777).toString(8) }, this.tree(directory, relative));
      else found[relative] = stats.isSymbolicLink() ? `-> ${readlinkSync(absolute)}` : `${(stats.mode & 0o777).toString(8)} ${readFileSync(absolute).toString('latin1')}`;
    }
    return found;
  }

  /** Everything Apply may change: files, index, HEAD, refs. */
  world(cwd = this.folder): unknown {
    return {
      files: this.tree(cwd),
      head: readFileSync(path.join(cwd, '.git/HEAD'), 'utf8'),
      refs: this.gitIn(cwd, 'for-each-ref'),
      index: this.gitIn(cwd, 'ls-files', '-s', '-v'),
      locks: readdirSync(path.join(cwd, '.git')).filter((name) => name.endsWith('.lock') || name.startsWith('code-mode')),
    };
  }

  async dispose(): Promise<void> {
    await this.sets.dispose();
    rmSync(this.base, { recursive: true, force: true });
  }
}

export function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

export async function textOf(view: WorkspaceView, name: string): Promise<string> {
  return Buffer.from((await view.read(name)).bytes).toString('utf8');
}
